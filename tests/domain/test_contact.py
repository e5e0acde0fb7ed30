"""Contacts: what is accepted, what changes, what filters and templates see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from clarion.domain.contact import Contact, document_of

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def contact(**fields: Any) -> Contact:
    return Contact.new("01J00000000000000000000ANN", {"email": "Ann@Example.com", **fields}, NOW)


def test_an_address_is_kept_as_given_and_known_by_its_key() -> None:
    assert (contact().email, contact().email_key) == ("Ann@Example.com", "ann@example.com")


def test_a_phone_alone_is_enough() -> None:
    assert contact(email=None, phone=" +49 30 1 ").phone == "+49 30 1"


@pytest.mark.parametrize(
    ("phone", "key"),
    [(" +49 (30) 901820-80 ", "+493090182080"), ("030 90182080", None), ("+49 30 1", None), ("1", None), (None, None)],
)
def test_a_phone_is_kept_as_given_and_text_messages_go_to_its_international_form(phone: Any, key: Any) -> None:
    ann = contact(phone=phone)
    assert (ann.phone, ann.phone_key) == (phone and phone.strip(), key)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": None}, "email"),
        ({"email": "no address"}, "email"),
        ({"phone": " "}, "phone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"locale": "de DE"}, "locale"),
        ({"first_name": "x" * 257}, "first_name"),
        ({"tags": ["a;b"]}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": ["x" * 101]}, "tags"),
        ({"tags": [str(n) for n in range(101)]}, "tags"),
        ({"consent": {"fax": "granted"}}, "consent"),
        ({"consent": {"email": "maybe"}}, "consent"),
        ({"attributes": {str(n): 1 for n in range(201)}}, "attributes"),
        ({"attributes": {"a\nb": 1}}, "attributes"),
        ({"attributes": {"": 1}}, "attributes"),
        ({"attributes": {"x" * 129: 1}}, "attributes"),
        ({"attributes": {"a": "é" * 16_384}}, "attributes"),
        ({"attributes": {"a": float("nan")}}, "attributes"),
        ({"attributes": {"a": "\ud800"}}, "attributes"),
        ({"attributes": {"a": NOW}}, "attributes"),
    ],
)
def test_what_is_wrong_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        contact(**fields)
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_tags_are_sorted_and_each_there_once() -> None:
    assert contact(tags=["b", "a", " b "]).tags == ("a", "b")


def test_a_decision_about_consent_is_dated_when_it_changes() -> None:
    first = contact(consent={"email": "granted"})
    second = first.revised({"consent": {"email": "granted", "sms": "denied"}}, LATER)
    assert first.consent == {"email": "granted", "sms": "unknown"}
    assert second.consent_at == {"email": NOW, "sms": LATER}
    assert (second.created_at, second.updated_at) == (NOW, LATER)


def test_the_document_of_the_stored_text_is_the_contacts_own() -> None:
    ann = contact(attributes={"n": 1.5, "deep": {"list": [None, True]}}, tags=["a"], timezone="Europe/Berlin")
    document = document_of(ann.model_dump_json(by_alias=True, exclude={"version"}))
    assert document == ann.document()
    assert document == {
        "id": ann.id,
        "email": "Ann@Example.com",
        "firstName": None,
        "lastName": None,
        "phone": None,
        "timezone": "Europe/Berlin",
        "locale": None,
        "tags": ["a"],
        "consent": {"email": "unknown", "sms": "unknown"},
        "attributes": {"n": 1.5, "deep": {"list": [None, True]}},
        "createdAt": NOW,
        "updatedAt": NOW,
    }
