"""Creating, reading, changing, deleting and listing contacts over the API."""

import json
from typing import Any

import pytest

from tests.routes.conftest import ACME, EDITOR, GLOBEX, OWNER, STRANGER, VIEWER
from tests.shared_data import shared

NOBODY = "01J0000000000000000000N0NE"
ANN = {
    "email": "Ann@Example.com",
    "phone": "+49 30 901820",
    "firstName": "Ann",
    "lastName": "Lee",
    "timezone": "Europe/Berlin",
    "locale": "de_DE",
    "tags": ["vip", "berlin", "vip"],
    "consent": {"email": "granted"},
    "attributes": {"zip": "00123", "history": 142.44, "nested": {"list": [1, None, "ʤ"]}},
}


@pytest.fixture
def ann(call: Any) -> Any:
    answer = call("contacts", "create_contact", body=ANN)
    assert answer.status == 201
    return answer.json


def get(call: Any, contact_id: str, **options: Any) -> Any:
    return call("contacts", "get_contact", path={"contact_id": contact_id}, **options)


def test_a_contact_is_created_and_read_back(call: Any, ann: Any) -> None:
    assert ann["email"] == "Ann@Example.com"
    assert (ann["locale"], ann["tags"]) == ("de-DE", ["berlin", "vip"])
    assert ann["consent"] == {"email": "granted", "sms": "unknown"}
    assert ann["consentAt"] == {"email": ann["createdAt"]}
    assert ann["attributes"] == ANN["attributes"]
    answer = get(call, ann["id"], user=VIEWER)
    assert (answer.status, answer.json, answer.headers["etag"]) == (200, ann, '"1"')


def test_a_taken_address_is_a_conflict_in_any_spelling(call: Any, ann: Any) -> None:
    answer = call("contacts", "create_contact", body={"email": "ann@EXAMPLE.com"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (409, "body.email")
    assert call("contacts", "create_contact", body={"email": "ann@example.com"}, user=STRANGER).status == 201


def test_a_repeated_request_creates_one_contact(call: Any) -> None:
    headers = {"idempotency-key": "k1"}
    first = call("contacts", "create_contact", body=ANN, headers=headers)
    again = call("contacts", "create_contact", body=ANN, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.email"),
        ({"email": "nowhere"}, "body.email"),
        ({"email": "a@example.com", "firstname": "x"}, "body.firstname"),
        ({"email": "a@example.com", "timezone": "Mars"}, "body.timezone"),
        ({"email": "a@example.com", "attributes": {"a": "x" * 33_000}}, "body.attributes"),
        ({"email": "a@example.com", "consent": {"email": "maybe"}}, "body.consent.email"),
        ({"email": "a@example.com", "tags": "vip"}, "body.tags"),
        ({"email": 7}, "body.email"),
    ],
)
@pytest.mark.parametrize("operation", ["create_contact", "update_contact"])
def test_a_bad_body_is_refused_by_field(call: Any, operation: str, body: dict[str, Any], field: str) -> None:
    answer = call("contacts", operation, path={"contact_id": NOBODY} if "update" in operation else None, body=body)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (400, [field])


def test_a_contact_is_replaced_as_a_whole(call: Any, ann: Any) -> None:
    path = {"contact_id": ann["id"]}
    body = {"email": "ann@example.org", "consent": {"email": "denied"}}
    answer = call("contacts", "update_contact", path=path, body=body, headers={"if-match": '"1"'}, user=EDITOR)
    assert (answer.status, answer.json["version"], answer.json["email"]) == (200, 2, "ann@example.org")
    assert (answer.json["phone"], answer.json["attributes"]) == (None, {})
    assert answer.json["consentAt"]["email"] == answer.json["updatedAt"]
    assert get(call, ann["id"]).json == answer.json


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, {"email": "denied", "sms": "granted"}),
        ({"consent": {}}, {"email": "denied", "sms": "granted"}),
        ({"consent": {"sms": "denied"}}, {"email": "denied", "sms": "denied"}),
        ({"consent": {"email": "granted"}}, {"email": "granted", "sms": "granted"}),
        ({"consent": {"email": "unknown"}}, {"email": "unknown", "sms": "granted"}),
    ],
)
def test_a_consent_changes_only_where_it_is_named(call: Any, said: Any, kept: Any) -> None:
    made = call("contacts", "create_contact", body={**ANN, "consent": {"email": "denied", "sms": "granted"}}).json
    path = {"contact_id": made["id"]}
    changed = call("contacts", "update_contact", path=path, body={"email": ANN["email"], **said}).json
    assert (changed["consent"], changed["tags"], changed["attributes"]) == (kept, [], {})
    for channel in ("email", "sms"):
        is_new = kept[channel] != made["consent"][channel]
        assert changed["consentAt"][channel] == (changed if is_new else made)["updatedAt"]
    assert get(call, made["id"]).json == changed


@pytest.mark.parametrize(("headers", "version"), [({"if-match": '"1"'}, None), ({}, 1)])
def test_a_lost_update_is_refused(call: Any, ann: Any, headers: dict[str, str], version: int | None) -> None:
    path = {"contact_id": ann["id"]}
    body: dict[str, Any] = {"email": "ann@example.com"}
    assert call("contacts", "update_contact", path=path, body=body).status == 200
    body |= {"version": version} if version else {}
    assert call("contacts", "update_contact", path=path, body=body, headers=headers).status == 412


def test_a_deleted_contact_is_gone_and_its_address_free(call: Any, ann: Any) -> None:
    path = {"contact_id": ann["id"]}
    assert call("contacts", "delete_contact", path=path).status == 204
    assert get(call, ann["id"]).status == 404
    assert call("contacts", "delete_contact", path=path).status == 404
    assert call("contacts", "create_contact", body=ANN).status == 201


def test_a_contact_is_deleted_as_it_was_seen(call: Any, ann: Any) -> None:
    path = {"contact_id": ann["id"]}
    assert call("contacts", "update_contact", path=path, body={"email": "ann@example.com"}).status == 200
    assert call("contacts", "delete_contact", path=path, headers={"if-match": '"1"'}).status == 412
    assert get(call, ann["id"]).status == 200
    assert call("contacts", "delete_contact", path=path, headers={"if-match": '"2"'}).status == 204
    assert get(call, ann["id"]).status == 404


def test_contacts_are_listed_page_by_page(call: Any) -> None:
    made = {call("contacts", "create_contact", body={"email": f"c{n}@example.com"}).json["id"] for n in range(7)}
    found, cursor = [], None
    for _ in range(10):
        page = call("contacts", "list_contacts", query={"limit": "3", **({"cursor": cursor} if cursor else {})}).json
        found += [contact["id"] for contact in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(made)


def test_a_contact_is_found_by_its_address(call: Any, ann: Any) -> None:
    query = {"email": "ANN@example.com"}
    assert call("contacts", "list_contacts", query=query).json == {"items": [ann], "next": None}
    assert call("contacts", "list_contacts", query=query, user=STRANGER).json["items"] == []
    assert call("contacts", "list_contacts", query={"email": "bob@example.com"}).json["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [({"email": "nobody"}, "query.email"), ({"limit": "0"}, "query.limit"), ({"cursor": "e30"}, "query.cursor")],
)
def test_a_bad_query_is_refused_by_field(call: Any, query: dict[str, str], field: str) -> None:
    answer = call("contacts", "list_contacts", query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_another_organisation_sees_nothing(call: Any, ann: Any) -> None:
    path = {"contact_id": ann["id"]}
    assert get(call, ann["id"], user=STRANGER).status == 404
    update = call("contacts", "update_contact", path=path, body={"email": "x@example.com"}, user=STRANGER)
    assert update.status == 404
    assert call("contacts", "delete_contact", path=path, user=STRANGER).status == 404
    assert call("contacts", "list_contacts", user=STRANGER).json["items"] == []
    assert get(call, ann["id"], user=STRANGER, org=ACME).status == 403
    assert get(call, ann["id"], user=OWNER, org=GLOBEX).status == 403


def test_a_role_without_the_permission_is_refused(call: Any, ann: Any) -> None:
    path = {"contact_id": ann["id"]}
    assert call("contacts", "create_contact", body={"email": "x@example.com"}, user=VIEWER).status == 403
    assert call("contacts", "update_contact", path=path, body={"email": "x@example.com"}, user=VIEWER).status == 403
    assert call("contacts", "delete_contact", path=path, user=EDITOR).status == 403
    assert call("contacts", "list_contacts", user=VIEWER).status == 200
    assert call("contacts", "list_contacts", user=None).status == 401


def test_hostile_strings_are_stored_and_returned_unchanged(call: Any) -> None:
    strings = json.loads(shared("hostile_strings/blns.json").read_text())
    attributes = {f"s{n}": text for n, text in enumerate(strings)}
    chunks = [dict(list(attributes.items())[start : start + 100]) for start in range(0, len(attributes), 100)]
    for n, chunk in enumerate(chunks):
        body = {"email": f"c{n}@example.com", "firstName": strings[n * 7], "attributes": chunk}
        made = call("contacts", "create_contact", body=body)
        assert made.status == 201
        read = get(call, made.json["id"]).json
        assert (read["attributes"], read["firstName"]) == (chunk, strings[n * 7])
