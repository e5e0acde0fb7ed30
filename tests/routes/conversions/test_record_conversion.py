"""POST /crm/marketing/conversions"""

from typing import Any

import pytest

from clarion import clock, keys, wiring
from clarion.hot.token import Purpose, Signer, Ticket
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, GLOBEX, STRANGER, VIEWER

SECRET = "a-secret-of-the-tests-only"
CAMPAIGN = "01J00000000000000000000CMP"


@pytest.fixture(autouse=True)
def _fresh_engagement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKING_KEYS", SECRET)
    wiring.conversions.cache_clear()


@pytest.fixture
def ann(call: Any, table: Table) -> str:
    """A contact of Acme with a message of yesterday."""
    contact = str(call("contacts", "create_contact", body={"email": "Ann@x.example"}).json["id"])
    message = keys.message(ACME, contact, CAMPAIGN, 1, "1", "email")
    table.put({**message, "state": "claimed", "to": "ann@x.example", "claimed_at": clock.stamp(clock.now())})
    return contact


def convert(call: Any, body: Any, **how: Any) -> Any:
    return call("conversions", "record_conversion", body=body, **how)


def test_a_conversion_is_recorded_and_attributed(call: Any, ann: str) -> None:
    answer = convert(call, {"conversionId": "order-1", "contactId": ann, "value": "19.99"}, user=EDITOR)
    assert answer.status == 201
    view = answer.json
    assert view.pop("occurredAt") == view.pop("createdAt")
    assert view == {
        "conversionId": "order-1", "contactId": ann, "value": "19.99", "currency": "USD", "type": None,
        "earnedBy": {"campaignId": CAMPAIGN, "run": 1, "step": "1", "channel": "email", "attribution": "send"},
    }  # fmt: skip


def test_the_same_again_gives_the_same_answer(call: Any, ann: str) -> None:
    first = convert(call, {"conversionId": "order-1", "contactId": ann, "value": "20"})
    again = convert(call, {"conversionId": "order-1", "email": "ann@X.example", "value": 20.00})
    assert (again.status, again.json) == (201, first.json)


def test_the_same_id_with_another_value_is_a_conflict(call: Any, ann: str) -> None:
    convert(call, {"conversionId": "order-1", "contactId": ann, "value": "20"})
    answer = convert(call, {"conversionId": "order-1", "contactId": ann, "value": "20.01"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (409, "body.conversionId")


@pytest.mark.parametrize(("value", "text"), [
    ("29.99", "29.99"), (29.99, "29.99"), (0.1, "0.10"), (1000, "1000.00"), ("12345678901.2345", "12345678901.2345"),
])  # fmt: skip
def test_values_are_exact_as_text_and_as_number(call: Any, ann: str, value: Any, text: str) -> None:
    answer = convert(call, {"conversionId": "order-1", "contactId": ann, "value": value})
    assert (answer.status, answer.json["value"]) == (201, text)


@pytest.mark.parametrize(("change", "field"), [
    ({"conversionId": ""}, "body.conversionId"),
    ({"conversionId": "x" * 129}, "body.conversionId"),
    ({"conversionId": None}, "body.conversionId"),
    ({"value": "-1"}, "body.value"),
    ({"value": "1.00001"}, "body.value"),
    ({"value": "NaN"}, "body.value"),
    ({"value": True}, "body.value"),
    ({"value": "much"}, "body.value"),
    ({"currency": "usd"}, "body.currency"),
    ({"occurredAt": "2026-11-21T12:00:00"}, "body.occurredAt"),
    ({"occurredAt": 1_800_000_000}, "body.occurredAt"),
    ({"occurredAt": "1800000000"}, "body.occurredAt"),
    ({"occurredAt": "0001-01-01T00:00:00+14:00"}, "body.occurredAt"),
    ({"occurredAt": "9999-12-31T23:59:59-14:00"}, "body.occurredAt"),
    ({"campaignId": "k"}, "body.campaignId"),
    ({"contactId": "ann"}, "body.contactId"),
    ({"contactId": None, "email": "ann"}, "body.email"),
    ({"email": "ann@x.example"}, "body"),
    ({"message": {"campaignId": CAMPAIGN, "contactId": CAMPAIGN}}, "body"),
    ({"contactId": None, "campaignId": CAMPAIGN, "message": {"campaignId": CAMPAIGN, "token": "t"}}, "body"),
    ({"contactId": None, "message": {"campaignId": CAMPAIGN}}, "body.message"),
    ({"contactId": None, "message": {"campaignId": CAMPAIGN, "token": "t", "contactId": CAMPAIGN}}, "body.message"),
    ({"contactId": None, "message": {"campaignId": CAMPAIGN, "token": "t", "run": 1}}, "body.message"),
    ({"contactId": None, "message": {"campaignId": CAMPAIGN, "token": ""}}, "body.message.token"),
    ({"contactId": None, "message": {"token": "t"}}, "body.message.campaignId"),
    ({"contactId": None, "message": {"campaignId": CAMPAIGN, "token": "t", "stepId": "1#2"}}, "body.message.stepId"),
    ({"contactId": None}, "body"),
    ({"colour": 1}, "body.colour"),
])  # fmt: skip
def test_a_bad_body_is_refused_naming_the_field(call: Any, ann: str, change: dict[str, Any], field: str) -> None:
    answer = convert(call, {"conversionId": "order-1", "contactId": ann, "value": "1"} | change)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_an_unknown_contact_is_refused_naming_the_field(call: Any, ann: str) -> None:
    answer = convert(call, {"conversionId": "order-1", "email": "bob@x.example", "value": "1"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.email")


def token_of(
    purpose: Purpose, contact: str, *, org: str = ACME, campaign: str = CAMPAIGN, run: int = 1, secret: str = SECRET
) -> str:
    """The ``t`` of a link of Ann's message, or one that is wrong in one respect."""
    return Signer.of(secret).sign(purpose, campaign, "1", Ticket(org, contact, run, "email", 0))


@pytest.mark.parametrize("purpose", ["click", "open"])
def test_the_token_of_a_message_says_who_and_which(call: Any, ann: str, purpose: Purpose) -> None:
    named = {"campaignId": CAMPAIGN, "token": token_of(purpose, ann)}
    answer = convert(call, {"conversionId": "order-1", "message": named, "value": "19.99"})
    assert (answer.status, answer.json["contactId"]) == (201, ann)
    assert answer.json["earnedBy"] == {
        "campaignId": CAMPAIGN, "run": 1, "step": "1", "channel": "email", "attribution": "message",
    }  # fmt: skip


def test_a_message_is_also_named_by_its_contact(call: Any, ann: str) -> None:
    named = {"campaignId": CAMPAIGN, "contactId": ann, "run": 1, "stepId": "1"}
    answer = convert(call, {"conversionId": "order-1", "message": named})
    assert (answer.status, answer.json["earnedBy"]["attribution"]) == (201, "message")


@pytest.mark.parametrize("wrong", [
    {"secret": "another-secret-altogether"}, {"purpose": "unsubscribe"}, {"campaign": "01J0000000000000000000THER"},
    {"org": GLOBEX}, {"run": 2}, {"contact": "01J00000000000000000000B0B"},
])  # fmt: skip
def test_any_other_token_is_refused_naming_the_field(call: Any, ann: str, wrong: dict[str, Any]) -> None:
    named = {"campaignId": CAMPAIGN, "token": token_of(**{"purpose": "click", "contact": ann, **wrong})}
    answer = convert(call, {"conversionId": "order-1", "message": named})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.message.token")


def test_a_genuine_token_is_worth_nothing_to_another_organisation(call: Any, ann: str) -> None:
    named = {"campaignId": CAMPAIGN, "token": token_of("click", ann)}
    answer = convert(call, {"conversionId": "order-1", "message": named}, user=STRANGER)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.message.token")


def test_another_organisation_sees_no_such_contact(call: Any, ann: str) -> None:
    answer = convert(call, {"conversionId": "order-1", "contactId": ann, "value": "1"}, user=STRANGER)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.contactId")


def test_a_viewer_may_not(call: Any, ann: str) -> None:
    assert convert(call, {"conversionId": "order-1", "contactId": ann, "value": "1"}, user=VIEWER).status == 403
