"""AWS's events of text messages become ours; whatever stands where it documents something else, one fails alone."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.session import get_session

from clarion.channels.aws_sms_events import event_of
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.inbound_text import InboundText, Intent
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from tests.channels.texts import TAGS
from tests.shared_data import shared_root

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "sms")
ID = "862a8790-60c0-4430-9b2b-658bdexample"
TOLD_AT = datetime(2023, 6, 17, 4, 11, 43, 470_000, tzinfo=UTC)
INBOUND = {
    # https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html
    "originationNumber": "+14255550182",
    "destinationNumber": "+12125550101",
    "messageKeyword": "JOIN",
    "messageBody": "STOP",
    "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
    "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def status(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_root("webhooks/aws_sms_text_successful.json").read_text())["payload"]
    found["context"] |= TAGS
    return found | changes


def envelope(message: Any, **changes: Any) -> dict[str, Any]:
    sent = {"Type": "Notification", "MessageId": "m", "Timestamp": "2026-11-21T08:59:58.123Z"}
    return sent | {"Message": json.dumps(message)} | changes


def test_a_delivery():
    expected = VendorEvent(MESSAGE, Kind.DELIVERY, TOLD_AT, "aws-sms", f"{ID}:TEXT_SUCCESSFUL")
    assert event_of(status(), NOW) == event_of(envelope(status()), NOW) == expected


@pytest.mark.parametrize(("name", "meant"), [
    ("TEXT_INVALID", "hard"), ("TEXT_UNREACHABLE", "soft"), ("TEXT_CARRIER_BLOCKED", "soft"),
    ("TEXT_TTL_EXPIRED", "soft"), ("TEXT_PROTECT_BLOCKED", "soft"), ("TEXT_INVALID_MESSAGE", "soft"),
])  # fmt: skip
def test_a_failure_is_a_bounce_and_hard_where_the_number_is_none(name, meant):
    expected = VendorEvent(MESSAGE, Kind.BOUNCE, TOLD_AT, "aws-sms", f"{ID}:{name}", meant)
    assert event_of(status(eventType=name), NOW) == expected


@pytest.mark.parametrize("name", ["TEXT_QUEUED", "TEXT_PENDING", "TEXT_SENT", "TEXT_UNKNOWN", "TEXT_OF_TOMORROW"])
def test_what_settles_nothing_is_skipped(name):
    assert event_of(status(eventType=name), NOW) == Skipped(f"AWS {name}")


def test_an_event_that_may_change_yet_is_skipped():
    assert event_of(status(isFinal=False), NOW) == Skipped("not final")


def test_every_event_type_of_awss_model_is_decided():
    shape: Any = get_session().get_service_model("pinpoint-sms-voice-v2").shape_for("EventType")
    types = shape.enum
    found = {name: event_of(status(eventType=name), NOW) for name in types}
    counted = {name for name, event in found.items() if isinstance(event, VendorEvent)}
    undecided = {"TEXT_ALL", "TEXT_SENT", "TEXT_PENDING", "TEXT_QUEUED", "TEXT_UNKNOWN"}
    assert {name for name in types if name.startswith("TEXT_")} - counted == undecided


def test_eventbridge_names_no_message_of_ours():
    bridge = json.loads(shared_root("webhooks/aws_sms_eventbridge_delivered.json").read_text())["payload"]
    assert event_of(bridge, NOW) == Skipped("no context of ours")
    bridge["detail"]["context"] = TAGS  # should it ever
    assert isinstance(event_of(bridge, NOW), VendorEvent)


@pytest.mark.parametrize("message", [
    {},
    {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": "x"},
    envelope({"eventType": "Bounce", "bounce": {}}),
    envelope({"eventType": "VOICE_COMPLETED"}),
    envelope(["x"]),
    {"notification": {"messageId": "x"}, "status": "FAILURE"},  # SNS's own log of a text message
])  # fmt: skip
def test_other_messages_are_skipped(message):
    assert event_of(message, NOW) == Skipped("no event of a text message")


def test_a_stop_is_an_opt_out_told_at_the_time_sns_published_it():
    assert event_of(envelope(INBOUND), NOW) == InboundText(
        sender="+14255550182",
        recipient="+12125550101",
        body="STOP",
        intent=Intent.OPT_OUT,
        at=NOW - timedelta(milliseconds=1_877),
        source="aws-sms",
        vendor_id=INBOUND["inboundMessageId"],
        answers=INBOUND["previousPublishedMessageId"],
    )


@pytest.mark.parametrize(("body", "intent"), [
    ("start", Intent.OPT_IN), ("Help", Intent.HELP), ("JOIN", Intent.REPLY), ("", Intent.REPLY),
])  # fmt: skip
def test_anything_else_somebody_writes(body, intent):
    found = event_of(INBOUND | {"messageBody": body, "previousPublishedMessageId": None}, NOW)
    assert isinstance(found, InboundText)
    assert (found.intent, found.at, found.answers) == (intent, NOW, None)


def test_what_comes_from_no_phone_number_is_skipped():
    assert event_of(INBOUND | {"originationNumber": "12345"}, NOW) == Skipped("not from a phone number")


WRONG: list[Any] = [None, 7, True, "", "nonsense", [], {}, [None], 1e300, float("nan"), "\ud800"]


def paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every place in an object."""
    if path:
        yield path
    for key, child in value.items() if isinstance(value, dict) else ():
        yield from paths(child, (*path, key))


@pytest.mark.parametrize("event", [status(), envelope(INBOUND), INBOUND, envelope(status())])
def test_nothing_in_an_event_can_make_it_fail_otherwise_than_as_malformed(event):
    found: set[type] = set()
    for path in paths(event):
        for wrong in WRONG:
            broken = copy.deepcopy(event)
            inner = broken
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = wrong
            try:
                found.add(type(event_of(broken, NOW)))
            except MalformedEvent:
                found.add(MalformedEvent)
    assert found <= {VendorEvent, InboundText, Skipped, MalformedEvent}
    assert len(found) > 1
