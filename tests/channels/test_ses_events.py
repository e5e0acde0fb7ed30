"""Amazon SES's own sample events become ours."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.channels.ses_events import event_of
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from clarion.services.vendor_events import VendorEventService
from clarion.storage.engagement import event_from_item
from clarion.storage.vendor_events import VendorEventTable
from tests.fakes.table import TableInMemory
from tests.shared_data import shared_root

TAGS = {"org": ["acme"], "contact": ["ann"], "campaign": ["k"], "run": ["1"], "step": ["1"]}
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "email")
ID = "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"
FEEDBACK = "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000"
BOUNCED_AT = datetime(2017, 8, 5, 0, 41, 2, 669_000, tzinfo=UTC)


def sample(name: str, tags: dict[str, list[str]] = TAGS) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(shared_root(f"webhooks/ses_{name}.json").read_text())["payload"]
    payload["mail"]["tags"] = payload["mail"].get("tags", {}) | tags
    return payload


def test_a_delivery() -> None:
    at = datetime(2016, 10, 19, 23, 21, 4, 133_000, tzinfo=UTC)
    vendor_id = f"{ID}:Delivery:2016-10-19T23:21:04.133Z"
    assert event_of(sample("delivery")) == VendorEvent(MESSAGE, Kind.DELIVERY, at, "ses", vendor_id)


@pytest.mark.parametrize(("said", "meant"), [("Permanent", "hard"), ("Transient", "soft"), ("Undetermined", "soft")])
def test_a_bounce_is_hard_only_when_it_is_permanent(said: str, meant: Any) -> None:
    payload = sample("bounce")
    payload["bounce"]["bounceType"] = said
    assert event_of(payload) == VendorEvent(MESSAGE, Kind.BOUNCE, BOUNCED_AT, "ses", f"{ID}:Bounce:{FEEDBACK}", meant)


def test_a_complaint() -> None:
    expected = VendorEvent(MESSAGE, Kind.COMPLAINT, BOUNCED_AT, "ses", f"{ID}:Complaint:{FEEDBACK}")
    assert event_of(sample("complaint")) == expected


def test_taking_a_mail_out_of_spam_is_no_complaint() -> None:
    payload = sample("complaint")
    payload["complaint"]["complaintFeedbackType"] = "not-spam"
    assert event_of(payload) == Skipped("not-spam")


@pytest.mark.parametrize("name", ["click", "deliverydelay", "open", "send"])
def test_what_is_not_counted_is_skipped(name: str) -> None:
    found = event_of(sample(name))
    assert isinstance(found, Skipped)
    assert found.reason.startswith("SES ")


@pytest.mark.parametrize("name", ["reject", "rendering_failure"])
def test_a_mail_that_ses_did_not_send_is_a_soft_bounce(name: str) -> None:
    payload = sample(name)
    payload["mail"]["timestamp"] = "2016-10-14T17:38:15.211Z"
    found = event_of(payload)
    assert isinstance(found, VendorEvent)
    assert (found.kind, found.bounce_type) == (Kind.BOUNCE, "soft")
    assert found.at == datetime(2016, 10, 14, 17, 38, 15, 211_000, tzinfo=UTC)


def test_leaving_all_of_sess_own_topics_is_an_unsubscribe() -> None:
    payload = sample("subscription")
    payload["subscription"]["newTopicPreferences"]["unsubscribeAll"] = True
    found = event_of(payload)
    assert isinstance(found, VendorEvent)
    assert found.kind is Kind.UNSUBSCRIBE
    payload["subscription"]["newTopicPreferences"]["unsubscribeAll"] = False
    assert event_of(payload) == Skipped("SES Subscription")


def test_an_sns_envelope_and_an_eventbridge_event_are_opened() -> None:
    envelope = json.loads(shared_root("webhooks/ses_sns_envelope_bounce.json").read_text())["payload"]
    envelope["Message"] = json.dumps(sample("bounce"))
    bridge = json.loads(shared_root("webhooks/ses_eventbridge_bounce.json").read_text())["payload"]
    bridge["detail"] = sample("bounce")
    assert event_of(envelope) == event_of(bridge) == event_of(sample("bounce"))


@pytest.mark.parametrize("message", [
    {},
    {"Type": "Notification", "Message": "Successfully validated SNS topic for Amazon SES event publishing."},
    {"Type": "SubscriptionConfirmation", "Token": "x"},
    {"detail": ["x"]},
])  # fmt: skip
def test_other_messages_are_skipped(message: dict[str, Any]) -> None:
    assert event_of(message) == Skipped("no SES event")


@pytest.mark.parametrize("tags", [
    {"org": []}, {"run": ["one"]}, {"contact": ["an#n"]}, {"step": [""]}, {"campaign": [None]},
])  # fmt: skip
def test_a_mail_without_our_tags_is_none_of_ours(tags: dict[str, Any]) -> None:
    assert event_of(sample("bounce", TAGS | tags)) == Skipped("no tags of ours")


@pytest.mark.parametrize(
    "path", [("bounce",), ("bounce", "timestamp"), ("bounce", "bounceType"), ("mail", "messageId")]
)
def test_an_event_of_ours_that_lacks_something_is_an_error(path: tuple[str, ...]) -> None:
    payload = sample("bounce")
    inner = payload
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    with pytest.raises(MalformedEvent):
        event_of(payload)


def test_an_event_told_twice_is_kept_once_and_can_be_counted() -> None:
    table = TableInMemory()
    service = VendorEventService(VendorEventTable(table), event_of)
    payload = sample("bounce")
    told = [payload, copy.deepcopy(payload), sample("open")]
    assert service.record(told).outcomes == {"recorded": 1, "told before": 1, "skipped: SES Open": 1}
    assert service.record([copy.deepcopy(payload)]).outcomes == {"told before": 1}
    [item] = table.items.values()
    event = event_from_item(item)
    assert (event.message, event.kind, event.bounce_type, event.source) == (MESSAGE, Kind.BOUNCE, "hard", "ses")
    assert event.at == "2017-08-05T00:41:02.669Z"
    assert item["expires_at"] == 1_536_453_662  # 400 days later


@pytest.mark.parametrize(
    ("part", "name", "wrong"),
    [
        ("mail", "messageId", "\ud800"),
        ("bounce", "feedbackId", "\ud800"),
        ("bounce", "feedbackId", 7),
        ("bounce", "timestamp", "yesterday"),
        ("bounce", "timestamp", "2026-11-21T09:00:00"),
        ("bounce", "timestamp", "0001-01-01T00:00:00+14:00"),
        ("bounce", "timestamp", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_malformed_event_fails_alone(part: str, name: str, wrong: Any) -> None:
    malformed = sample("bounce")
    malformed[part][name] = wrong
    recorded = VendorEventService(VendorEventTable(TableInMemory()), event_of).record([malformed, sample("delivery")])
    assert (recorded.outcomes, list(recorded.failed)) == ({"recorded": 1}, [0])


def test_two_bounces_at_one_moment_are_two_events() -> None:
    table = TableInMemory()
    service = VendorEventService(VendorEventTable(table), event_of)
    other = sample("bounce")
    other["bounce"]["feedbackId"] = "other"
    assert service.record([sample("bounce"), other]).outcomes == {"recorded": 2}
