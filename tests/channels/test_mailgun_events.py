"""Mailgun's events, with our ids in them, become ours; its signatures are believed as it demands."""

import copy
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import encode_multipart_formdata

from clarion.channels import mailgun_forms
from clarion.channels.mailgun_events import event_of
from clarion.channels.mailgun_signature import WINDOW_SECONDS, is_mailguns
from clarion.domain.engagement import Kind
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from clarion.services.vendor_events import VendorEventService
from clarion.storage.vendor_events import VendorEventTable
from tests.channels.test_mail_reports import CASES, MESSAGE, OURS
from tests.channels.test_ses_events_malformed import WRONG, paths
from tests.fakes.table import TableInMemory
from tests.shared_data import shared_root

SAMPLES = sorted(path.name for path in shared_root("webhooks").glob("mailgun_*.json"))
FORM = {"event": "bounced", "code": "550", "recipient": "a@example.com", "timestamp": "1534110422", "token": "t" * 50}


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_root(f"webhooks/{name}").read_text())
    return found


def sample(name: str, **changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = document(f"mailgun_{name}.json")["payload"]
    payload["event-data"] |= {"user-variables": OURS} | changes
    return payload


def counted(payload: dict[str, Any]) -> tuple[Kind, str | None]:
    found = event_of(payload)
    assert isinstance(found, VendorEvent)
    assert (found.message, found.source) == (MESSAGE, "mailgun")
    event = payload["event-data"]
    assert found.vendor_id == event.get("id", payload["signature"]["token"])
    assert found.at == datetime.fromtimestamp(event["timestamp"], UTC)
    return found.kind, found.bounce_type


@pytest.mark.parametrize(("name", "kind", "bounce"), [
    ("delivered", Kind.DELIVERY, None),
    ("failed_permanent", Kind.BOUNCE, "hard"),
    ("failed_permanent_captured", Kind.BOUNCE, "hard"),
    ("rejected_captured", Kind.BOUNCE, "soft"),
    ("complained", Kind.COMPLAINT, None),
    ("unsubscribed", Kind.UNSUBSCRIBE, None),
])  # fmt: skip
def test_what_mailgun_tells_is_counted(name, kind, bounce):
    assert counted(sample(name)) == (kind, bounce)


@pytest.mark.parametrize(
    "name", ["accepted", "stored", "opened", "clicked", "failed_temporary", "failed_temporary_captured"]
)
def test_what_is_not_counted_is_skipped(name):
    assert event_of(sample(name)) == Skipped(f"Mailgun {name.split('_')[0]}")


@pytest.mark.parametrize(("reason", "code", "kind", "bounce"), [
    ("bounce", 550, Kind.BOUNCE, "hard"),
    ("suppress-bounce", 605, Kind.BOUNCE, "hard"),
    ("suppress-complaint", 607, Kind.BOUNCE, "hard"),
    ("suppress-unsubscribe", 606, Kind.UNSUBSCRIBE, None),
    ("hardfail", 605, Kind.BOUNCE, "hard"),
    ("generic", 550, Kind.BOUNCE, "soft"),
    ("espblock", 550, Kind.BOUNCE, "soft"),
    ("old", 602, Kind.BOUNCE, "soft"),
    (None, None, Kind.BOUNCE, "soft"),
])  # fmt: skip
def test_a_failure_is_hard_where_the_address_is_at_fault(reason, code, kind, bounce):
    assert counted(sample("failed_permanent", reason=reason, **{"delivery-status": {"code": code}})) == (kind, bounce)


def test_the_last_of_the_temporary_failures_is_a_bounce_because_nothing_follows_it():
    assert counted(sample("failed_temporary", reason="old")) == (Kind.BOUNCE, "soft")


def test_an_event_told_twice_is_kept_once():
    service = VendorEventService(VendorEventTable(TableInMemory()), event_of)
    again = copy.deepcopy(sample("complained"))
    again["signature"]["token"] = "another"
    told = [sample("complained"), again, {}]
    assert service.record(told).outcomes == {"recorded": 1, "told before": 1, "skipped: Mailgun ": 1}


@pytest.mark.parametrize("name", ["failed_permanent", "delivered", "rejected_captured"])
def test_nothing_in_an_event_can_make_it_fail_otherwise_than_as_malformed(name):
    outcomes: set[type] = set()
    for path in paths(sample(name)):
        for wrong in WRONG:
            payload = copy.deepcopy(sample(name))
            inner: Any = payload
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = wrong
            try:
                outcomes.add(type(event_of(payload)))
            except MalformedEvent:
                outcomes.add(MalformedEvent)
    assert outcomes == {VendorEvent, Skipped, MalformedEvent}


def test_an_older_webhooks_form_is_read_too():
    body = urlencode(FORM | OURS).encode()
    form = mailgun_forms.fields_of(body, "application/x-www-form-urlencoded; charset=utf-8")
    at = datetime.fromtimestamp(1_534_110_422, UTC)
    assert mailgun_forms.event_of(form) == VendorEvent(MESSAGE, Kind.BOUNCE, at, "mailgun", "t" * 50, "hard")


@pytest.mark.parametrize(("code", "bounce"), [
    ("550", "hard"), ("5.1.1", "hard"), ("607", "hard"), ("450", "soft"), ("4.2.2", "soft"), ("499", "soft"),
    ("", "soft"), ("x", "soft"), ("9" * 5000, "soft"),
])  # fmt: skip
def test_a_forms_bounce_is_hard_by_its_code(code, bounce):
    found = mailgun_forms.event_of(list((FORM | OURS | {"code": code}).items()))
    assert isinstance(found, VendorEvent)
    assert found.bounce_type == bounce


@pytest.mark.parametrize("changes", [{"timestamp": ""}, {"timestamp": "9" * 400}, {"token": ""}, {"timestamp": "²"}])
def test_a_form_without_time_or_token_is_malformed(changes):
    with pytest.raises(MalformedEvent):
        mailgun_forms.event_of(list((FORM | OURS | changes).items()))


@pytest.mark.parametrize(("body", "content_type"), [
    (b"{}", "application/json"), (b"a=\xff", "application/x-www-form-urlencoded"), (b"", ""),
    (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--x--", "multipart/form-data; boundary=x"),
])  # fmt: skip
def test_a_body_that_is_no_form_is_malformed(body, content_type):
    with pytest.raises(MalformedEvent):
        mailgun_forms.fields_of(body, content_type)


@pytest.mark.parametrize(("body", "content_type"), [
    (b"a=1&" * 1_000_000, "application/x-www-form-urlencoded"),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 50_000, "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: " + b'a;a="' * 100_000 + b"\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
], ids=["fields", "parts", "head"])  # fmt: skip
def test_a_form_larger_than_any_of_mailguns_is_refused_without_being_read(body, content_type):
    with pytest.raises(MalformedEvent):
        mailgun_forms.fields_of(body, content_type)


def test_what_is_nested_in_a_part_is_its_content():
    nested = "Content-Type: message/rfc822\r\n\r\n" * 3_000
    body = f'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{nested}\r\n--x--\r\n'.encode()
    assert mailgun_forms.fields_of(body, 'multipart/form-data; boundary="x"') == [("a", nested)]


def test_files_are_no_fields():
    mail = ("mail.eml", b"\xff", "message/rfc822")
    body, content_type = encode_multipart_formdata([("event", "complained"), ("attachment-1", mail)])
    assert mailgun_forms.fields_of(body, content_type) == [("event", "complained")]


@given(st.binary(), st.text() | st.just("multipart/form-data; boundary=x"))
def test_any_octets_are_a_form_or_malformed(body, content_type):
    for each in (body, b"--x\r\n" + body + b"\r\n\r\n\r\n--x--"):
        with suppress(MalformedEvent):
            assert all(isinstance(name, str) for name, _ in mailgun_forms.fields_of(each, content_type))


def signed(signature: Any, keys: list[str], late: timedelta = timedelta(0)) -> bool:
    return is_mailguns(keys, signature, datetime.fromtimestamp(int(signature["timestamp"]), UTC) + late)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_samples_signature_is_believed_and_under_no_other_key(name):
    found = document(name)
    signature = found["payload"]["signature"]
    assert signed(signature, [found["signing_key"]])
    assert signed(signature, ["other", found["signing_key"]], late=timedelta(hours=8))
    assert not signed(signature, ["other"])
    assert not signed(signature, [])
    assert not signed(signature, [found["signing_key"]], late=timedelta(seconds=WINDOW_SECONDS + 1))
    assert not signed(signature, [found["signing_key"]], late=-timedelta(minutes=10))


@pytest.mark.parametrize("changes", [
    {"token": "x"}, {"timestamp": "1"}, {"signature": "é\ud800"}, {"signature": None}, {"token": 7}, {"token": ""},
    {"timestamp": "²"}, {"timestamp": "-1"}, {"timestamp": "1" * 400}, {"timestamp": 1529701969},
])  # fmt: skip
def test_a_changed_signature_is_not_believed(changes):
    found = document("mailgun_failed_permanent.json")
    now = datetime.fromtimestamp(1_529_701_969, UTC)
    assert is_mailguns([found["signing_key"]], found["payload"]["signature"], now)
    assert not is_mailguns([found["signing_key"]], found["payload"]["signature"] | changes, now)
    assert not is_mailguns([found["signing_key"]], {}, now)


def test_a_forms_signature_is_the_last_of_its_fields():
    case = CASES["H052"]
    form = mailgun_forms.fields_of(case["body_text"].encode(), case["content_type"])
    assert mailgun_forms.signature_of(form)["token"] == "actual-event-token"
    assert not signed(mailgun_forms.signature_of(form), ["some key"])
