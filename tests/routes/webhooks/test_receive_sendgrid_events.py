"""SendGrid's Event Webhook, from the signed request to the events that are kept."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion.clock import stamp
from clarion.storage.table import Table
from tests.channels.test_mail_reports import CASES
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered
from tests.routes.webhooks.mail_vendors import NOW, OURS, PREFIX, SendGridAccount, connect, kept, kinds, post
from tests.shared_data import shared_root

VECTORS = json.loads(shared_root("webhooks/sendgrid_signature_vectors.json").read_text())
SAMPLE: list[dict[str, Any]] = json.loads(shared_root("webhooks/sendgrid_all_events_example.json").read_text())[
    "payload"
]
SENDGRID_CASES = {name: case for name, case in CASES.items() if case["esp"] == "SendGrid"}
COUNTED = {
    "delivered": "delivery",
    "bounced": "bounce",
    "rejected": "bounce",
    "complained": "complaint",
    "unsubscribed": "unsubscribe",
}
REFUSED = 403


@pytest.fixture
def account() -> SendGridAccount:
    return SendGridAccount()


@pytest.fixture(autouse=True)
def _connected(table: Table, account: SendGridAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_PREFIX", PREFIX)
    monkeypatch.setattr("clarion.wiring.webhooks.now", lambda: NOW)
    run_inserts(monkeypatch)
    connect(table, "sendgrid", apiKey="SG.key", webhookKey=account.webhook_key)


def bytes_of(events: Any) -> bytes:
    """As SendGrid writes an array: with a line end at its end."""
    return json.dumps(events).encode() + b"\r\n"


def tell(account: SendGridAccount, events: Any, org: str = ACME, **how: Any) -> Answered:
    body = bytes_of(events)
    return post("receive_sendgrid_events", org, body, account.headers(body), **how)


def event(name: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """One of ours."""
    found = {"event": name, "sg_event_id": f"{name}-{number}", "timestamp": int(NOW.timestamp()) + number}
    return found | OURS | more


def test_the_sample_of_every_event_is_kept_as_far_as_it_counts(account: SendGridAccount, table: Table) -> None:
    answer = tell(account, [each | OURS for each in SAMPLE])
    assert (answer.status, answer.text) == (204, "")
    assert sorted(kinds(table)) == ["bounce", "bounce", "complaint", "delivery", "unsubscribe", "unsubscribe"]
    assert {item["source"] for item in kept(table)} == {"sendgrid"}


@pytest.mark.parametrize("case", SENDGRID_CASES.values(), ids=SENDGRID_CASES)
def test_every_event_of_the_collection_is_kept_as_stated(
    case: dict[str, Any], account: SendGridAccount, table: Table
) -> None:
    assert tell(account, [each | OURS for each in case["body"]]).status == 204
    stated = [
        (
            "unsubscribe" if each.get("reject_reason") == "unsubscribed" else COUNTED[each["event_type"]],
            stamp(datetime.fromisoformat(each["timestamp"])),
            each["event_id"],
        )
        for each in case["expected_events"]
        if each["event_type"] in COUNTED
    ]
    assert [(item["kind"], item["at"], item["vendor_id"]) for item in kept(table)] == sorted(
        stated, key=lambda each: each[1]
    )


def test_events_told_again_are_kept_once(account: SendGridAccount, table: Table) -> None:
    for _ in range(2):
        assert tell(account, [event("bounce", type="bounce"), event("delivered", 1)]).status == 204
    assert kinds(table) == ["bounce", "delivery"]


def test_a_request_of_thousands_of_events_is_kept(account: SendGridAccount, table: Table) -> None:
    events = [event("delivered", number, contact=f"c{number % 100}") for number in range(1_100)]
    assert tell(account, events).status == 204
    assert len(kept(table, contact="c7")) == 11


def test_a_body_in_base64_is_the_same_body(account: SendGridAccount, table: Table) -> None:
    assert tell(account, [event("delivered")], as_base64=True).status == 204
    assert kinds(table) == ["delivery"]


def test_an_event_of_another_organisations_message_is_left_out(account: SendGridAccount, table: Table) -> None:
    assert tell(account, [event("bounce", org=GLOBEX), event("delivered")]).status == 204
    assert kinds(table, GLOBEX) == []
    assert kinds(table) == ["delivery"]


def test_fields_and_events_that_nobody_knows_yet_do_no_harm(account: SendGridAccount, table: Table) -> None:
    events = [event("delivered", new_field={"deep": [1]}), event("teleported"), {"event": 7}, {}]
    assert tell(account, events).status == 204
    assert kinds(table) == ["delivery"]


def test_an_event_that_cannot_be_read_does_not_keep_the_others_from_it(account: SendGridAccount, table: Table) -> None:
    broken = event("bounce", 1) | {"timestamp": "yesterday"}
    assert tell(account, [broken, event("delivered")]).status == 204
    assert kinds(table) == ["delivery"]


def receive_vector(vector: dict[str, str], table: Table, monkeypatch: pytest.MonkeyPatch) -> Answered:
    at = int(vector["timestamp"]) if vector["timestamp"].isdecimal() else 1_600_112_502
    monkeypatch.setattr("clarion.wiring.webhooks.now", lambda: datetime.fromtimestamp(at + 30, UTC))
    connect(table, "sendgrid", GLOBEX, apiKey="SG.key", webhookKey=vector["public_key"])
    headers = {
        "x-twilio-email-event-webhook-timestamp": vector["timestamp"],
        "x-twilio-email-event-webhook-signature": vector["signature"],
    }
    return post("receive_sendgrid_events", GLOBEX, vector["raw_body"].encode(), headers)


@pytest.mark.parametrize("vector", VECTORS["valid"])
def test_sendgrids_own_signatures_are_believed(
    vector: dict[str, str], table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receive_vector(vector, table, monkeypatch).status == 204


@pytest.mark.parametrize("vector", VECTORS["invalid"])
def test_its_counterexamples_are_refused(vector: dict[str, str], table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    assert receive_vector(vector, table, monkeypatch).status == REFUSED


@pytest.mark.parametrize(("late", "status"), [
    (timedelta(hours=24), 204), (timedelta(hours=27), REFUSED), (timedelta(minutes=-10), REFUSED),
])  # fmt: skip
def test_a_request_is_believed_as_long_as_sendgrid_repeats_it(
    account: SendGridAccount, table: Table, late: timedelta, status: int
) -> None:
    body = bytes_of([event("delivered")])
    assert post("receive_sendgrid_events", ACME, body, account.headers(body, NOW - late)).status == status
    assert kinds(table) == (["delivery"] if status == 204 else [])


def test_while_keys_are_rotated_both_are_good(table: Table, account: SendGridAccount) -> None:
    other = SendGridAccount()
    connect(table, "sendgrid", GLOBEX, apiKey="SG.key", webhookKey=f"{account.webhook_key} {other.webhook_key}")
    for each in (account, other):
        assert tell(each, [event("delivered", org=GLOBEX)], GLOBEX).status == 204


def _stranger(table: Table, account: SendGridAccount) -> str:
    return "01J00000000000000000000NEW"


def _unconnected(table: Table, account: SendGridAccount) -> str:
    connect(table, "mailgun", GLOBEX, apiKey="key", webhookKey=account.webhook_key)
    return GLOBEX


def _without_a_key(table: Table, account: SendGridAccount) -> str:
    connect(table, "sendgrid", GLOBEX, apiKey="SG.key")
    return GLOBEX


def _with_a_key_that_is_none(table: Table, account: SendGridAccount) -> str:
    connect(table, "sendgrid", GLOBEX, apiKey="SG.key", webhookKey="QQ==")
    return GLOBEX


def _with_another_account(table: Table, account: SendGridAccount) -> str:
    connect(table, "sendgrid", GLOBEX, apiKey="SG.key", webhookKey=SendGridAccount().webhook_key)
    return GLOBEX


@pytest.mark.parametrize(
    "called",
    [_stranger, _unconnected, _without_a_key, _with_a_key_that_is_none, _with_another_account],
    ids=lambda each: each.__name__.strip("_"),
)
def test_whatever_is_wrong_the_answer_is_the_same(called: Any, table: Table, account: SendGridAccount) -> None:
    org = called(table, account)
    refused = tell(account, [event("delivered", org=org)], org)
    forged = post("receive_sendgrid_events", ACME, bytes_of([event("delivered")]), {})
    assert refused.status == forged.status == REFUSED
    assert refused.text == forged.text
    assert kinds(table, org) == kinds(table) == []


def test_a_changed_body_is_refused(account: SendGridAccount, table: Table) -> None:
    body = bytes_of([event("delivered")])
    answer = post("receive_sendgrid_events", ACME, body.rstrip(), account.headers(body))
    assert answer.status == REFUSED
    assert kinds(table) == []


@pytest.mark.parametrize("told", [{}, "events", [1], None])
def test_a_genuine_request_without_events_is_a_bad_request(account: SendGridAccount, told: Any) -> None:
    answer = tell(account, told)
    assert answer.status == 400
    assert answer.json["errors"][0]["field"] == "body"


def test_when_the_table_fails_sendgrid_is_told_so_and_nothing_is_lost(
    account: SendGridAccount, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = Table.insert_absent

    def half(self: Table, items: Sequence[Any]) -> list[bool]:
        insert(self, items[: len(items) // 2])
        raise RuntimeError("the table cannot be reached")

    events = [event("delivered", number) for number in range(4)]
    with monkeypatch.context() as broken:
        broken.setattr(Table, "insert_absent", half)
        answer = tell(account, events)
        assert answer.status == 500
        assert "reached" not in answer.text
    assert len(kept(table)) == 2
    assert tell(account, events).status == 204
    assert len(kept(table)) == 4
