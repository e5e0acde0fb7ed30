"""Twilio's callbacks become ours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.channels.twilio_events import event_of
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.inbound_text import InboundText, Intent
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from tests.channels.test_twilio_signature import sample
from tests.channels.texts import TAGS

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "sms")
SID = "SM" + "b" * 32


def status(name: str, **changes: str) -> Any:
    return event_of(TAGS, sample(f"status_{name}")["payload"] | changes, NOW)


def inbound(**changes: str) -> Any:
    return event_of({}, sample("inbound_stop")["payload"] | changes, NOW)


def without_opt_out_type(body: str) -> dict[str, str]:
    return {**sample("inbound_stop")["payload"], "OptOutType": "", "Body": body}


def test_a_delivery():
    assert status("delivered") == VendorEvent(MESSAGE, Kind.DELIVERY, NOW, "twilio", f"{SID}:delivered")


@pytest.mark.parametrize(("name", "code", "meant"), [
    ("undelivered", "30005", "hard"),  # as in the sample: no such handset
    ("undelivered", "30006", "hard"),
    ("failed", "21211", "hard"),
    ("failed", "30007", "soft"),  # as in the sample: filtered
    ("undelivered", "30003", "soft"),
    ("undelivered", "", "soft"),
    ("failed", "99999", "soft"),
])  # fmt: skip
def test_a_failure_is_a_bounce_and_hard_where_nobody_is_there(name, code, meant):
    expected = VendorEvent(MESSAGE, Kind.BOUNCE, NOW, "twilio", f"{SID}:{name}", meant)
    assert status(name, ErrorCode=code) == expected


def test_an_opt_out_that_twilio_finds_late_is_an_unsubscribe():
    found = status("failed", ErrorCode="21610")
    assert found == VendorEvent(MESSAGE, Kind.UNSUBSCRIBE, NOW, "twilio", f"{SID}:failed")


@pytest.mark.parametrize("name", ["queued", "sent"])
def test_what_is_on_its_way_is_skipped(name):
    assert status(name) == Skipped(f"Twilio {name}")


@pytest.mark.parametrize("query", [{}, {"d": "01H"}, TAGS | {"run": "one"}, TAGS | {"org": "a/b"}])
def test_a_callback_without_our_ids_is_none_of_ours(query):
    assert event_of(query, sample("status_delivered")["payload"], NOW) == Skipped("no ids of ours")


def test_unknown_fields_do_not_matter():
    assert status("delivered", NewField="x", SmsStatus="new") == status("delivered")
    assert inbound(NewField="x") == inbound()


def test_a_stop_is_an_opt_out():
    assert inbound() == InboundText(
        sender="+15558675310",
        recipient="+15017122661",
        body="STOP",
        intent=Intent.OPT_OUT,
        at=NOW,
        source="twilio",
        vendor_id=SID,
        account="MG" + "a" * 32,
    )


@pytest.mark.parametrize(("told", "body", "intent"), [
    ("STOP", "basta", Intent.OPT_OUT),  # a keyword of the owner's own
    ("START", "hola", Intent.OPT_IN),
    ("HELP", "?", Intent.HELP),
    ("", "unsubscribe", Intent.OPT_OUT),
    ("", "Start", Intent.OPT_IN),
    ("", "How much is it?", Intent.REPLY),
    ("SOMETHING", "STOP", Intent.OPT_OUT),
])  # fmt: skip
def test_twilios_own_word_goes_before_ours(told, body, intent):
    assert inbound(OptOutType=told, Body=body).intent is intent


def test_a_number_without_a_messaging_service_names_its_account():
    assert inbound(MessagingServiceSid="").account == "AC" + "a" * 32


def test_a_picture_without_words_is_a_reply():
    payload = sample("inbound_stop")["payload"] | {"NumMedia": "1"}
    del payload["Body"], payload["OptOutType"]
    found = event_of({}, payload, NOW)
    assert isinstance(found, InboundText)
    assert (found.body, found.intent) == ("", Intent.REPLY)


@pytest.mark.parametrize("sender", ["whatsapp:+15558675310", "ACME", "12345"])
def test_what_comes_from_no_phone_number_is_skipped(sender):
    assert inbound(From=sender) == Skipped("not from a phone number")


@pytest.mark.parametrize("form", [{}, {"CallStatus": "completed", "CallSid": "CA1"}])
def test_other_callbacks_are_skipped(form):
    assert event_of(TAGS, form, NOW) == Skipped("no event of a text message")


@pytest.mark.parametrize("field", ["MessageSid", "From", "To"])
def test_an_inbound_message_that_lacks_something_is_an_error(field):
    with pytest.raises(MalformedEvent, match=field):
        inbound(**{field: ""})


def test_a_status_without_a_message_and_half_a_character_are_errors():
    with pytest.raises(MalformedEvent, match="MessageSid"):
        status("delivered", MessageSid="")
    with pytest.raises(MalformedEvent, match="surrogate"):
        inbound(Body="\ud800")
