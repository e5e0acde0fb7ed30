"""GET /crm/marketing/campaign-types"""

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from clarion.domain.campaign_types import campaign_types
from tests.routes.conftest import VIEWER

TYPES = [guide.type for guide in campaign_types()]


@pytest.fixture
def types(call: Any) -> dict[str, Any]:
    answer = call("campaigns", "list_campaign_types", user=VIEWER)
    assert answer.status == 200
    return {each["type"]: each for each in answer.json["items"]}


def launchable(ready: Any, described: dict[str, Any]) -> dict[str, Any]:
    """A type's example, with templates and an audience that exist."""
    body = {**described["example"], "sender": {"email": "news@shop.example"}}
    if "templateId" in body:
        body["templateId"] = ready.template
    if "steps" in body:
        body["steps"] = [{**step, "templateId": ready.template} for step in body["steps"]]
    return body


def test_every_type_has_a_title_a_description_fields_and_rules(types: dict[str, Any]) -> None:
    assert list(types) == TYPES
    for each in types.values():
        assert all(each[part] for part in ("title", "description", "fields", "rules", "example"))


def test_whoever_is_not_signed_in_reads_none(call: Any) -> None:
    assert call("campaigns", "list_campaign_types", user=None).status == 401


@pytest.mark.parametrize("kind", TYPES)
def test_an_example_creates_a_draft(call: Any, ready: Any, types: dict[str, Any], kind: str) -> None:
    created = call("campaigns", "create_campaign", body=types[kind]["example"])
    assert (created.status, created.json["type"], created.json["status"]) == (201, kind, "draft")
    assert ready.plan_messages() == 0


@pytest.mark.parametrize("kind", TYPES)
def test_an_examples_values_are_valid_by_the_schemas_of_their_fields(types: dict[str, Any], kind: str) -> None:
    schemas = {field["name"]: field["schema"] for field in types[kind]["fields"]}
    for name, value in types[kind]["example"].items():
        Draft202012Validator.check_schema(schemas[name])
        Draft202012Validator(schemas[name]).validate(value)


def test_a_schema_refuses_what_the_field_does_not_take(types: dict[str, Any]) -> None:
    steps = next(field["schema"] for field in types["drip"]["fields"] if field["name"] == "steps")
    assert not Draft202012Validator(steps).is_valid([{"id": "NO GOOD", "templateId": "t"}])
    assert not Draft202012Validator(steps).is_valid([{"templateId": "t"}])


@pytest.mark.parametrize("kind", TYPES)
def test_an_example_launches_without_what_is_optional_and_not_without_what_is_required(
    call: Any, ready: Any, types: dict[str, Any], kind: str
) -> None:
    whole = launchable(ready, types[kind])
    required = {field["name"] for field in types[kind]["fields"] if field["required"]}
    least = {name: value for name, value in whole.items() if name in required}
    for name in least:
        lacking = {each: value for each, value in least.items() if each != name}
        refused = call("campaigns", "create_campaign", body={**lacking, "status": "running"})
        assert refused.status in (400, 422), name
    assert call("campaigns", "list_campaigns").json["items"] == []
    launched = call("campaigns", "create_campaign", body={**least, "status": "running"})
    assert (launched.status, launched.json["status"] in ("running", "scheduled")) == (201, True)


@pytest.mark.parametrize("kind", TYPES)
def test_a_whole_example_can_be_launched(call: Any, ready: Any, types: dict[str, Any], kind: str) -> None:
    launched = call("campaigns", "create_campaign", body={**launchable(ready, types[kind]), "status": "running"})
    assert launched.status == 201
    assert launched.json["status"] == ("running" if kind == "drip" else "scheduled")
