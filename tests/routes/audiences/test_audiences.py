"""Saved audiences, over HTTP events."""

from typing import Any

import pytest

from tests.routes.conftest import STRANGER, VIEWER

WHERE = {"plan": "pro", "age": {"$gte": 18}, "$or": [{"tags": "vip"}, {"city": {"$in": ["Köln", "<b>"]}}]}
DYNAMIC = {"type": "dynamic", "filter": {"datatype": "contact", "where": WHERE}}
STATIC = {"type": "static", "contactIds": ["01J8Z3K9X4M5N6P7Q8R9S0T1VE"]}
BODY = {"name": " Pro users ", "description": 'who\'s "pro"', "definition": DYNAMIC}


def create(call: Any, body: Any = BODY, **how: Any) -> Any:
    return call("audiences", "create_audience", body=body, **how)


def get(call: Any, audience_id: str, **how: Any) -> Any:
    return call("audiences", "get_audience", path={"audience_id": audience_id}, **how)


def update(call: Any, audience_id: str, body: Any = BODY, **how: Any) -> Any:
    return call("audiences", "update_audience", path={"audience_id": audience_id}, body=body, **how)


def delete(call: Any, audience_id: str, **how: Any) -> Any:
    return call("audiences", "delete_audience", path={"audience_id": audience_id}, **how)


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


@pytest.mark.parametrize("definition", [DYNAMIC, STATIC, {"type": "static", "contactIds": []}])
def test_an_audience_comes_back_as_it_was_saved(call: Any, definition: Any) -> None:
    created = create(call, {**BODY, "definition": definition})
    assert created.status == 201
    assert created.json | {"name": "Pro users", "definition": definition, "version": 1} == created.json
    assert created.headers["etag"] == '"1"'
    assert get(call, created.json["id"], user=VIEWER).json == created.json


def test_the_list_is_newest_first_in_pages_without_definitions(call: Any) -> None:
    made = [create(call, {**BODY, "name": f"A{n}"}).json["id"] for n in range(3)]
    first = call("audiences", "list_audiences", query={"limit": "2"}, user=VIEWER).json
    second = call("audiences", "list_audiences", query={"limit": "2", "cursor": first["next"]}).json
    assert sorted(each["id"] for each in first["items"] + second["items"]) == sorted(made)
    assert [each["id"] for each in first["items"]] == sorted(made, reverse=True)[:2]
    assert second["next"] is None
    assert first["items"][0]["type"] == "dynamic"
    assert "definition" not in first["items"][0]


@pytest.mark.parametrize("cursor", ["x", "e30", "eyJpZCI6N30", "eyJpZCI6IjEifQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(call: Any, cursor: str) -> None:
    answer = call("audiences", "list_audiences", query={"cursor": cursor})
    assert (answer.status, fields(answer)) == (400, ["query.cursor"])


def test_a_put_replaces_the_whole_audience(call: Any) -> None:
    created = create(call).json
    updated = update(call, created["id"], {"name": "Few", "definition": STATIC, "version": 1})
    assert updated.status == 200
    assert updated.json | {"name": "Few", "description": None, "definition": STATIC, "version": 2} == updated.json
    assert (updated.json["createdAt"], updated.json["createdBy"]) == (created["createdAt"], created["createdBy"])
    assert get(call, created["id"]).json == updated.json


def test_a_change_of_an_older_version_is_412(call: Any) -> None:
    audience = create(call).json["id"]
    assert update(call, audience, headers={"if-match": '"1"'}).json["version"] == 2
    assert update(call, audience, headers={"if-match": '"1"'}).status == 412
    assert update(call, audience, {**BODY, "version": 1}).status == 412
    assert update(call, audience, headers={"if-match": "0"}).status == 412
    assert update(call, audience).json["version"] == 3


def test_a_deleted_audience_is_gone(call: Any) -> None:
    audience = create(call).json["id"]
    assert delete(call, audience).status == 204
    assert delete(call, audience).status == 404
    assert get(call, audience).status == 404
    assert update(call, audience).status == 404


def test_an_audience_is_deleted_as_it_was_seen(call: Any) -> None:
    audience = create(call).json["id"]
    assert update(call, audience).json["version"] == 2
    assert delete(call, audience, headers={"if-match": '"1"'}).status == 412
    assert get(call, audience).status == 200
    assert delete(call, audience, headers={"if-match": '"2"'}).status == 204
    assert delete(call, audience, headers={"if-match": '"2"'}).status == 404


def test_another_organisation_sees_nothing(call: Any) -> None:
    audience = create(call).json["id"]
    assert get(call, audience, user=STRANGER).status == 404
    assert update(call, audience, user=STRANGER).status == 404
    assert delete(call, audience, user=STRANGER).status == 404
    assert call("audiences", "list_audiences", user=STRANGER).json == {"items": [], "next": None}
    assert get(call, audience).status == 200


def test_viewers_change_nothing(call: Any) -> None:
    audience = create(call).json["id"]
    for answer in (
        create(call, user=VIEWER),
        update(call, audience, user=VIEWER),
        delete(call, audience, user=VIEWER),
    ):
        assert answer.status == 403


def test_a_repeated_create_makes_one_audience(call: Any) -> None:
    first = create(call, headers={"idempotency-key": "k1"})
    assert create(call, headers={"idempotency-key": "k1"}).json == first.json
    assert len(call("audiences", "list_audiences").json["items"]) == 1


def test_a_create_whose_kept_answer_was_lost_finds_its_audience(call: Any, dynamodb: Any) -> None:
    first = create(call, headers={"idempotency-key": "k1"})
    for item in dynamodb.scan(TableName="clarion-test")["Items"]:
        if item["pk"]["S"].startswith("IDEMPOTENCY#") and not item["sk"]["S"].startswith("ID#"):
            dynamodb.delete_item(TableName="clarion-test", Key={"pk": item["pk"], "sk": item["sk"]})
    assert create(call, headers={"idempotency-key": "k1"}).json == first.json
    assert create(call, {**BODY, "name": "Other"}, headers={"idempotency-key": "k2"}).json["id"] != first.json["id"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "  "}, "body.name"),
        ({"colour": "red"}, "body.colour"),
        ({"definition": None}, "body.definition"),
        ({"definition": {"type": "everyone"}}, "body.definition"),
        ({"definition": {"type": "static"}}, "body.definition.contactIds"),
        ({"definition": {"type": "static", "contactIds": [7]}}, "body.definition.contactIds.0"),
        ({"definition": {"type": "static", "contactIds": ["ann"]}}, "body.definition.contactIds.0"),
        (
            {"definition": {"type": "dynamic", "filter": {"datatype": "lead", "where": {}}}},
            "body.definition.filter.datatype",
        ),
        (
            {"definition": {"type": "dynamic", "filter": {"datatype": "contact", "where": {"a": {"$near": 1}}}}},
            "body.definition.filter.where.a.$near",
        ),
    ],
)
def test_bad_bodies_name_their_fields(call: Any, changes: dict[str, Any], named: str) -> None:
    answer = create(call, {**BODY, **changes})
    assert (answer.status, fields(answer)) == (400, [named])


def test_an_audience_too_large_to_keep_is_refused(call: Any) -> None:
    many = {"city": {"$in": [f"{n:0128d}" for n in range(10_000)]}}
    definition = {"type": "dynamic", "filter": {"datatype": "contact", "where": many}}
    answer = create(call, {**BODY, "definition": definition})
    assert (answer.status, answer.json["code"]) == (422, "rule_broken")
