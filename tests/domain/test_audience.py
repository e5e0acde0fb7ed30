"""Audience definitions: what is accepted, where a bad filter is reported, and who belongs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from clarion.domain.audience import (
    MAX_STATIC_MEMBERS,
    AudienceDefinition,
    DynamicFilter,
    StaticMembers,
    membership,
)

AUDIENCE: TypeAdapter[StaticMembers | DynamicFilter] = TypeAdapter(AudienceDefinition)
ADA = {
    "id": "01J8Z3K9X4M5N6P7Q8R9S0ADA0",
    "email": "ada@example.com",
    "firstName": "Ada",
    "attributes": {"channel": "Web", "history": 329.08, "email": "old@example.com", "home": {"city": "Kyiv"}},
    "tags": ["vip", "beta"],
    "createdAt": datetime(2026, 3, 1, 12, tzinfo=UTC),
}
BOB = "01J8Z3K9X4M5N6P7Q8R9S0B0B0"


def dynamic(where: Any) -> dict[str, Any]:
    return {"type": "dynamic", "filter": {"datatype": "contact", "where": where}}


def belongs(where: dict[str, Any]) -> bool:
    return membership(AUDIENCE.validate_python(dynamic(where)))(ADA)


def refusals(raw: Any) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        AUDIENCE.validate_python(raw)
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


def test_a_definition_comes_back_as_it_was_sent() -> None:
    for raw in (dynamic({"channel": {"$in": ["Web", "Phone"]}}), {"type": "static", "contactIds": [ADA["id"], BOB]}):
        assert AUDIENCE.validate_python(raw).model_dump(by_alias=True, mode="json") == raw


def test_static_members_are_those_listed() -> None:
    belongs_to_list = membership(StaticMembers(type="static", contact_ids=(ADA["id"], BOB)))
    assert belongs_to_list(ADA)
    assert not belongs_to_list({"id": "01J8Z3K9X4M5N6P7Q8R9S0T1VE"})


@pytest.mark.parametrize("field", ["channel", "attributes.channel"])
def test_an_attribute_is_found_with_and_without_its_prefix(field: str) -> None:
    assert belongs({field: "Web"})
    assert not belongs({field: "Phone"})


def test_a_nested_attribute_needs_no_prefix() -> None:
    assert belongs({"home.city": "Kyiv"})


def test_the_contacts_own_field_hides_the_attribute_of_that_name() -> None:
    assert belongs({"email": "ada@example.com"})
    assert not belongs({"email": "old@example.com"})
    assert belongs({"attributes.email": "old@example.com"})


def test_fields_are_found_below_logical_operators() -> None:
    assert belongs({"$or": [{"tags": "none"}, {"$and": [{"tags": "vip"}, {"history": {"$gt": 300}}]}]})


def test_creation_time_is_compared_as_a_date() -> None:
    assert belongs({"createdAt": {"$gte": {"$date": "2026-03-01T12:00:00Z"}}})
    assert not belongs({"createdAt": {"$gt": {"$date": "2026-03-01T13:00:00+01:00"}}})


def test_a_bad_filter_is_refused_at_its_place_when_the_definition_is_read() -> None:
    [(location, message)] = refusals(dynamic({"age": {"$foo": 1}}))
    assert location[-4:] == ("filter", "where", "age", "$foo")
    assert "$foo" in message


def test_braces_in_a_refused_filter_stay_as_they_are() -> None:
    [(_, message)] = refusals(dynamic({"age": {"${x}": 1}}))
    assert "'${x}'" in message


@pytest.mark.parametrize(
    ("raw", "at_fault"),
    [
        (dynamic("everyone"), "where"),
        ({"type": "dynamic", "filter": {"datatype": "lead", "where": {}}}, "datatype"),
        ({"type": "dynamic", "filter": {"datatype": "contact", "where": {}, "limit": 1}}, "limit"),
        ({"type": "static", "contactIds": [""]}, 0),
        ({"type": "static", "contactIds": [BOB, "bob@example.com"]}, 1),
        ({"type": "static", "contactIds": [BOB.lower()]}, 0),
        ({"type": "static", "contactIds": [BOB], "name": "x"}, "name"),
        ({"type": "static", "contactIds": [BOB] * (MAX_STATIC_MEMBERS + 1)}, "contactIds"),
    ],
)
def test_a_malformed_definition_is_refused_at_its_field(raw: Any, at_fault: str | int) -> None:
    [(location, _)] = refusals(raw)
    assert location[-1] == at_fault


def test_an_unknown_type_of_audience_is_refused() -> None:
    [(location, message)] = refusals({"type": "everyone"})
    assert location == ()
    assert "everyone" in message
