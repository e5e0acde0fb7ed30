"""SendGrid's events, with our ids in them, become ours; its signatures are believed as it demands."""

import copy
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clarion.channels.sendgrid_events import event_of, messages_of, report_of
from clarion.channels.sendgrid_signature import WINDOW_SECONDS, is_sendgrids
from clarion.domain.engagement import Kind
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from clarion.services.vendor_events import VendorEventService
from clarion.storage.vendor_events import VendorEventTable
from tests.channels.test_mail_reports import MESSAGE, OURS
from tests.channels.test_ses_events_malformed import WRONG, paths
from tests.fakes.table import TableInMemory
from tests.shared_data import shared_root

VECTORS = json.loads(shared_root("webhooks/sendgrid_signature_vectors.json").read_text())
EVENTS: list[dict[str, Any]] = [
    event | OURS
    for event in json.loads(shared_root("webhooks/sendgrid_all_events_example.json").read_text())["payload"]
]
AT = datetime(2018, 10, 13, 20, 25, 5, tzinfo=UTC)


def event(name: str, **changes: Any) -> dict[str, Any]:
    return next(copy.deepcopy(each) for each in EVENTS if each["event"] == name) | changes


def counted(message: dict[str, Any]) -> tuple[Kind, str | None]:
    found = event_of(message)
    assert isinstance(found, VendorEvent)
    assert (found.message, found.at, found.source) == (MESSAGE, AT, "sendgrid")
    assert found.vendor_id == message["sg_event_id"]
    return found.kind, found.bounce_type


@pytest.mark.parametrize(("name", "kind", "bounce"), [
    ("delivered", Kind.DELIVERY, None),
    ("bounce", Kind.BOUNCE, "hard"),
    ("dropped", Kind.BOUNCE, "hard"),
    ("spamreport", Kind.COMPLAINT, None),
    ("unsubscribe", Kind.UNSUBSCRIBE, None),
    ("group_unsubscribe", Kind.UNSUBSCRIBE, None),
])  # fmt: skip
def test_what_sendgrid_tells_is_counted(name, kind, bounce):
    assert counted(event(name)) == (kind, bounce)


@pytest.mark.parametrize("name", ["processed", "deferred", "open", "click", "group_resubscribe"])
def test_what_is_not_counted_is_skipped(name):
    assert event_of(event(name)) == Skipped(f"SendGrid {name}")


@pytest.mark.parametrize(("changes", "bounce"), [
    ({"type": "bounce", "status": "4.2.2"}, "hard"),
    ({"type": "blocked", "status": "5.2.2"}, "soft"),
    ({"status": "4.0.0"}, "soft"),
    ({"status": None}, "soft"),
    ({"type": "expired"}, "soft"),
])  # fmt: skip
def test_a_bounce_is_hard_where_sendgrid_says_so(changes, bounce):
    assert counted(event("bounce", **changes)) == (Kind.BOUNCE, bounce)


@pytest.mark.parametrize(("reason", "kind", "bounce"), [
    ("Bounced Address", Kind.BOUNCE, "hard"),
    ("Invalid", Kind.BOUNCE, "hard"),
    ("Spam Reporting Address", Kind.BOUNCE, "hard"),
    ("Unsubscribed Address", Kind.UNSUBSCRIBE, None),
    ("Spam Content (if Spam Checker app is enabled)", Kind.BOUNCE, "soft"),
    ("Recipient List over Package Quota", Kind.BOUNCE, "soft"),
    (None, Kind.BOUNCE, "soft"),
])  # fmt: skip
def test_what_sendgrid_did_not_send_at_all_did_not_arrive(reason, kind, bounce):
    assert counted(event("dropped", reason=reason)) == (kind, bounce)


def test_our_ids_come_back_beside_fields_nobody_knows_yet():
    found = report_of(event("delivered", some_new_field={"a": 1}))
    assert found.variables == {**OURS, "some_new_field": {"a": 1}}


def test_events_told_twice_are_kept_once():
    service = VendorEventService(VendorEventTable(TableInMemory()), event_of)
    told = messages_of(json.dumps([event("bounce"), event("bounce"), event("open"), {"event": "new"}]).encode())
    assert service.record(told).outcomes == {
        "recorded": 1, "told before": 1, "skipped: SendGrid open": 1, "skipped: SendGrid new": 1,
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"[[]]", b"\xff", b"null"])
def test_a_body_that_is_no_array_of_events_is_malformed(body):
    with pytest.raises(MalformedEvent):
        messages_of(body)


@pytest.mark.parametrize("name", ["bounce", "dropped", "delivered"])
def test_nothing_in_an_event_can_make_it_fail_otherwise_than_as_malformed(name):
    outcomes: set[type] = set()
    for path in paths(event(name)):
        for wrong in WRONG:
            try:
                outcomes.add(type(event_of(event(name, **{path[0]: wrong}))))
            except MalformedEvent:
                outcomes.add(MalformedEvent)
    assert outcomes == {VendorEvent, Skipped, MalformedEvent}


def signed(vector: dict[str, str], *, late: timedelta = timedelta(0), keys: list[str] | None = None) -> bool:
    stamp = vector["timestamp"]
    now = datetime.fromtimestamp(int(stamp) if len(stamp) == 10 else 1_600_112_502, UTC) + late
    body = vector["raw_body"].encode()
    return is_sendgrids(keys or [vector["public_key"]], stamp, body, vector["signature"], now)


@pytest.mark.parametrize("vector", VECTORS["valid"])
def test_sendgrids_own_signatures_are_believed(vector):
    assert signed(vector)
    assert signed(vector, late=timedelta(hours=24))
    assert signed(vector, keys=[VECTORS["valid"][0]["public_key"], VECTORS["valid"][1]["public_key"]])


@pytest.mark.parametrize("vector", VECTORS["invalid"])
def test_its_counterexamples_are_not(vector):
    assert not signed(vector)


@pytest.mark.parametrize("vector", VECTORS["valid"])
def test_a_changed_body_an_old_one_and_one_of_the_future_are_not(vector):
    assert not signed(vector | {"raw_body": vector["raw_body"].rstrip()})
    assert not signed(vector | {"timestamp": str(int(vector["timestamp"]) + 1)})
    assert not signed(vector, late=timedelta(seconds=WINDOW_SECONDS + 1))
    assert not signed(vector, late=-timedelta(minutes=10))


@pytest.mark.parametrize("changes", [
    {"signature": ""}, {"signature": "%"}, {"signature": "QQ=="}, {"signature": "ä"}, {"timestamp": ""},
    {"timestamp": "-1"}, {"timestamp": "1" * 400}, {"timestamp": "²"}, {"timestamp": "1600112502.0"},
])  # fmt: skip
def test_headers_of_another_form_are_not(changes):
    assert not signed(VECTORS["valid"][0] | changes)


def test_a_key_that_is_none_is_a_mistake_of_the_set_up():
    other = generate_private_key(SECP384R1()).public_key()
    other_curve = b64encode(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    for key in ("", "QQ==", "%", other_curve):
        with pytest.raises(ValueError, match="not a verification key"):
            signed(VECTORS["valid"][0], keys=[key])
