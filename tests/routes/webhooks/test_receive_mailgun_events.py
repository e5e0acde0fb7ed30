"""Mailgun's webhooks, from the signed request to the events that are kept."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from urllib3 import encode_multipart_formdata

from clarion import keys
from clarion.channels import mailgun_forms
from clarion.channels.mailgun_signature import WINDOW_SECONDS
from clarion.channels.mailgun_webhook import request_of
from clarion.clock import stamp
from clarion.storage.table import Table
from tests.channels.test_mail_reports import CASES
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered
from tests.routes.webhooks.mail_vendors import (
    NOW,
    OURS,
    PREFIX,
    SIGNING_KEY,
    connect,
    kept,
    kinds,
    mailgun_form,
    mailgun_json,
    mailgun_signature,
    post,
)
from tests.shared_data import shared_root

SAMPLES = {
    path.name: json.loads(path.read_text())["payload"] for path in sorted(shared_root("webhooks").glob("mailgun_*"))
}
MAILGUN_CASES = {name: case for name, case in CASES.items() if case["esp"] == "Mailgun"}
COUNTED = {
    "delivered": "delivery",
    "bounced": "bounce",
    "rejected": "bounce",
    "failed": "bounce",
    "complained": "complaint",
    "unsubscribed": "unsubscribe",
}
KINDS_OF_SAMPLES = {
    "mailgun_complained.json": ["complaint"],
    "mailgun_delivered.json": ["delivery"],
    "mailgun_failed_permanent.json": ["bounce"],
    "mailgun_failed_permanent_captured.json": ["bounce"],
    "mailgun_rejected_captured.json": ["bounce"],
    "mailgun_unsubscribed.json": ["unsubscribe"],
}
REFUSED, NOT_ACCEPTABLE = 403, 406
STAMP = str(int(NOW.timestamp()))


@pytest.fixture(autouse=True)
def _connected(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_PREFIX", PREFIX)
    set_clock(monkeypatch, NOW)
    run_inserts(monkeypatch)
    connect(table, "mailgun", apiKey="key", domain="shop.example", webhookKey=SIGNING_KEY)


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("clarion.wiring.webhooks.now", lambda: at)


def event(name: str = "delivered", org: str = ACME, **more: Any) -> dict[str, Any]:
    """One of a message of the organisation's."""
    ours = OURS | {"org": org}
    return {"event": name, "id": f"id-{name}", "timestamp": NOW.timestamp(), "user-variables": ours} | more


def tell(told: dict[str, Any], org: str = ACME, *, as_base64: bool = False, **signature: str) -> Answered:
    body, headers = mailgun_json(told, mailgun_signature(**{"timestamp": STAMP, **signature}))
    return post("receive_mailgun_events", org, body, headers, as_base64=as_base64)


def tokens(table: Table) -> list[Any]:
    """The rows of the tokens of the requests told so far under the one usual token."""
    token = request_of({"content-type": "application/json"}, mailgun_json({}, mailgun_signature(STAMP))[0]).token
    row = table.get(keys.webhook_token(ACME, "mailgun", token))
    return [row] if row else []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_believed_and_kept_as_far_as_it_counts(
    name: str, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = SAMPLES[name]
    signature = payload["signature"]
    set_clock(monkeypatch, datetime.fromtimestamp(int(signature["timestamp"]) + 2, UTC))
    key = json.loads(shared_root(f"webhooks/{name}").read_text()).get("signing_key", SIGNING_KEY)
    connect(table, "mailgun", GLOBEX, webhookKey=key)
    told = payload["event-data"] | {"user-variables": OURS | {"org": GLOBEX}}
    body, headers = mailgun_json(told, signature)
    assert post("receive_mailgun_events", GLOBEX, body, headers).status == 200
    assert kinds(table, GLOBEX) == KINDS_OF_SAMPLES.get(name, [])


def _as_request(case: dict[str, Any]) -> tuple[bytes, dict[str, str], datetime]:
    """A case of the collection with our ids in it, signed; its form in the encoding it came in."""
    if "body" in case:
        told = case["body"]["event-data"]
        at = NOW
        token = case["body"]["signature"]["token"]
        return *mailgun_json(told | {"user-variables": OURS}, mailgun_signature(STAMP, token)), at
    fields = mailgun_forms.fields_of(case["body_text"].encode(), case["content_type"])
    given = mailgun_forms.signature_of(fields)
    own = [(name, value) for name, value in fields if name not in given and name != "message-headers"]
    headers = [each for each in json.loads(dict(fields).get("message-headers") or "[]")
               if each[0] != "X-Mailgun-Variables"]  # fmt: skip
    all_fields = [*own, ("message-headers", json.dumps([*headers, ["X-Mailgun-Variables", json.dumps(OURS)]]))]
    signature = mailgun_signature(given["timestamp"], given["token"])
    at = datetime.fromtimestamp(int(given["timestamp"]), UTC)
    if case["content_type"].startswith("multipart"):
        body, content_type = encode_multipart_formdata([*all_fields, *signature.items()])
        return body, {"content-type": content_type}, at
    return *mailgun_form(all_fields, signature), at


@pytest.mark.parametrize("case", MAILGUN_CASES.values(), ids=MAILGUN_CASES)
def test_every_event_of_the_collection_is_kept_as_stated(
    case: dict[str, Any], table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, headers, at = _as_request(case)
    set_clock(monkeypatch, at)
    assert post("receive_mailgun_events", ACME, body, headers).status == 200
    stated = [
        (
            "unsubscribe" if each.get("reject_reason") == "unsubscribed" else COUNTED[each["event_type"]],
            stamp(datetime.fromisoformat(each["timestamp"])),
        )
        for each in case["expected_events"]
        # What checks signatures alone has no time, without which nothing of Mailgun's is an event.
        if each["event_type"] in COUNTED and "timestamp" in each
    ]
    assert [(item["kind"], item["at"]) for item in kept(table)] == stated


def test_the_answer_is_a_200_because_mailgun_repeats_whatever_is_not() -> None:
    answer = tell(event())
    assert (answer.status, answer.text) == (200, "kept")


def test_a_request_that_is_repeated_passes_and_is_kept_once(table: Table) -> None:
    for _ in range(2):
        assert tell(event("complained")).status == 200
    assert kinds(table) == ["complaint"]


def test_an_event_told_under_another_token_is_kept_once(table: Table) -> None:
    for token in ("a" * 50, "b" * 50):
        assert tell(event("complained"), token=token).status == 200
    assert kinds(table) == ["complaint"]


def test_a_token_with_another_event_is_refused_for_good(table: Table) -> None:
    assert tell(event()).status == 200
    answer = tell(event("complained"))
    assert answer.status == NOT_ACCEPTABLE
    assert answer.json["code"] == "not_acceptable"
    assert kinds(table) == ["delivery"]


def test_a_token_does_not_become_another_by_moving_digits_to_the_timestamp(table: Table) -> None:
    signature = mailgun_signature(STAMP, "1" + "a" * 49)
    assert post("receive_mailgun_events", ACME, *mailgun_json(event(), signature)).status == 200
    moved = signature | {"timestamp": STAMP + "1", "token": "a" * 49}
    assert post("receive_mailgun_events", ACME, *mailgun_json(event("complained"), moved)).status == REFUSED


def test_a_form_that_is_repeated_in_other_octets_is_the_same_form(table: Table) -> None:
    fields = [("event", "complained"), ("recipient", "ann@x.example"), *OURS.items(), *mailgun_signature(STAMP).items()]
    for boundary in ("one", "two"):
        body, content_type = encode_multipart_formdata(fields, boundary)
        answer = post("receive_mailgun_events", ACME, body, {"content-type": content_type}, as_base64=True)
        assert answer.status == 200
    assert kinds(table) == ["complaint"]


def test_a_form_with_the_token_of_another_one_is_refused_for_good(table: Table) -> None:
    for name, status in (("delivered", 200), ("complained", NOT_ACCEPTABLE)):
        body, headers = mailgun_form([("event", name), *OURS.items()], mailgun_signature(STAMP))
        assert post("receive_mailgun_events", ACME, body, headers).status == status
    assert kinds(table) == ["delivery"]


def test_a_token_is_remembered_for_longer_than_its_signature_is_believed(table: Table) -> None:
    ahead = NOW + timedelta(minutes=5)
    assert tell(event(), timestamp=str(int(ahead.timestamp()))).status == 200
    assert tell(event("complained")).status == 200
    [row] = tokens(table)
    assert row["expires_at"] > ahead.timestamp() + WINDOW_SECONDS


@pytest.mark.parametrize(("late", "status"), [
    (timedelta(hours=8), 200), (timedelta(hours=10), REFUSED), (timedelta(minutes=-10), REFUSED),
])  # fmt: skip
def test_a_request_is_believed_as_long_as_mailgun_repeats_it(table: Table, late: timedelta, status: int) -> None:
    assert tell(event(), timestamp=str(int((NOW - late).timestamp()))).status == status
    assert kinds(table) == (["delivery"] if status == 200 else [])


def test_a_body_in_base64_is_the_same_body(table: Table) -> None:
    assert tell(event(), as_base64=True).status == 200
    assert tell(event()).status == 200
    assert kinds(table) == ["delivery"]


def test_an_event_of_another_organisations_message_is_left_out(table: Table) -> None:
    assert tell(event(org=GLOBEX)).status == 200
    assert kinds(table, GLOBEX) == kinds(table) == []


def test_fields_and_events_that_nobody_knows_yet_do_no_harm(table: Table) -> None:
    assert tell(event(new={"deep": [1]})).status == 200
    assert tell(event("teleported"), token="b" * 50).status == 200
    assert kinds(table) == ["delivery"]


def test_an_event_that_cannot_be_read_is_answered_by_a_200_because_repeating_it_would_not_help(table: Table) -> None:
    assert tell(event(timestamp="yesterday")).status == 200
    assert kinds(table) == []


def test_while_keys_are_rotated_both_are_good(table: Table) -> None:
    connect(table, "mailgun", GLOBEX, webhookKey=f"{SIGNING_KEY} another-key")
    told = event(org=GLOBEX)
    assert tell(told, GLOBEX).status == 200
    assert tell(told, GLOBEX, key="another-key", token="b" * 50).status == 200


def _stranger(table: Table) -> str:
    return "01J00000000000000000000NEW"


def _unconnected(table: Table) -> str:
    connect(table, "sendgrid", GLOBEX, apiKey="key", webhookKey=SIGNING_KEY)
    return GLOBEX


def _without_a_key(table: Table) -> str:
    connect(table, "mailgun", GLOBEX, apiKey="key")
    return GLOBEX


def _with_another_account(table: Table) -> str:
    connect(table, "mailgun", GLOBEX, apiKey="key", webhookKey="another-key")
    return GLOBEX


@pytest.mark.parametrize(
    "called",
    [_stranger, _unconnected, _without_a_key, _with_another_account],
    ids=lambda each: each.__name__.strip("_"),
)
def test_whatever_is_wrong_the_answer_is_the_same(called: Any, table: Table) -> None:
    org = called(table)
    refused = tell(event(org=org), org)
    forged = tell(event(), key="forged")
    assert refused.status == forged.status == REFUSED
    assert refused.text == forged.text
    assert kinds(table, org) == kinds(table) == []


@pytest.mark.parametrize(("body", "content_type"), [
    (b"", ""), (b"{", "application/json"), (b"[]", "application/json"), (b"null", "application/json"),
    (b"[" * 100_000, "application/json"), (b"{}", "application/json"), (b'{"signature": 7}', "application/json"),
    (b"event=delivered", "application/x-www-form-urlencoded"), (b"x", "multipart/form-data"), (b"x", "text/plain"),
])  # fmt: skip
def test_what_nobody_signed_is_refused(body: bytes, content_type: str, table: Table) -> None:
    assert post("receive_mailgun_events", ACME, body, {"content-type": content_type}).status == REFUSED
    assert tokens(table) == []


def test_when_the_table_fails_between_token_and_event_the_repeated_request_is_kept(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Table, items: Sequence[Any]) -> list[bool]:
        raise RuntimeError("the table cannot be reached")

    with monkeypatch.context() as broken:
        broken.setattr(Table, "insert_absent", fails)
        answer = tell(event("complained"))
        assert answer.status == 500
        assert "reached" not in answer.text
    assert len(tokens(table)) == 1
    assert tell(event()).status == NOT_ACCEPTABLE
    assert tell(event("complained")).status == 200
    assert kinds(table) == ["complaint"]
