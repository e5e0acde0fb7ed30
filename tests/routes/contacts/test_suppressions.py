"""Adding, finding and removing suppressed addresses over the API."""

from typing import Any

import pytest

from clarion import keys
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, OWNER, STRANGER, VIEWER


def add(call: Any, address: str, channel: str = "email", *, user: str = EDITOR, **body: Any) -> Any:
    return call("contacts", "add_suppression", body={"channel": channel, "address": address, **body}, user=user)


def remove(call: Any, address: str, channel: str = "email", *, user: str = EDITOR, **body: Any) -> Any:
    return call("contacts", "remove_suppression", body={"channel": channel, "address": address, **body}, user=user)


def find(call: Any, address: str, channel: str = "email", **options: Any) -> Any:
    return call("contacts", "list_suppressions", query={"channel": channel, "address": address}, **options)


def removals(call: Any, **options: Any) -> Any:
    return call("contacts", "list_suppression_removals", **options)


@pytest.fixture
def unsubscribed(table: Table) -> str:
    """An address that asked for it itself."""
    row = {"address": "ann@example.com", "channel": "email", "reason": "unsubscribed", "source": "one-click"}
    key = keys.suppression(ACME, "email", "ann@example.com")
    table.put({**key, **row, "created_at": "2026-11-21T09:00:00.000Z"})
    return "ann@example.com"


def test_an_address_is_added_in_its_normal_form_and_found_in_any_spelling(call: Any) -> None:
    added = add(call, " Zoë@Bücher.example", note="asked by phone")
    assert added.status == 200
    assert added.json | {"createdAt": ""} == {
        "address": "zoë@xn--bcher-kva.example",
        "channel": "email",
        "reason": "manual",
        "source": "api",
        "campaignId": None,
        "contactId": None,
        "importId": None,
        "createdBy": EDITOR,
        "note": "asked by phone",
        "before": None,
        "createdAt": "",
    }
    assert find(call, "ZOË@bücher.example", user=VIEWER).json == {"items": [added.json], "next": None}
    assert find(call, "other@example.com").json == {"items": [], "next": None}


def test_a_phone_number_is_added_as_e164_to_its_own_channel(call: Any) -> None:
    assert add(call, "+49 (30) 901 820-80", "sms", reason="opt_out").json["address"] == "+493090182080"
    assert [each["reason"] for each in find(call, "+493090182080", "sms").json["items"]] == ["opt_out"]


def test_adding_again_changes_nothing(call: Any, unsubscribed: str) -> None:
    first = add(call, unsubscribed, reason="manual")
    assert (first.json["reason"], first.json["source"]) == ("unsubscribed", "one-click")
    assert add(call, "Bob@example.com").json == add(call, "bob@EXAMPLE.com", user=OWNER, reason="hard_bounce").json


def test_what_the_recipient_said_takes_the_place_of_what_a_user_said_and_an_editor_cannot_remove_it(call: Any) -> None:
    first = add(call, "bob@example.com", note="asked by phone").json
    said = add(call, "bob@example.com", user=OWNER, reason="complaint").json
    assert (said["reason"], said["createdBy"]) == ("complaint", OWNER)
    assert said["before"] == {name: first[name] for name in ("reason", "source", "createdBy", "note", "createdAt")}
    assert remove(call, "bob@example.com").status == 403
    assert remove(call, "bob@example.com", user=OWNER).json["suppression"] == said
    assert find(call, "bob@example.com").json["items"] == []


def test_what_was_added_can_be_removed_by_an_editor_and_is_recorded(call: Any) -> None:
    added = add(call, "bob@example.com").json
    gone = remove(call, "BOB@example.com", note="a typing mistake")
    assert gone.status == 200
    assert gone.json["suppression"] == added
    assert (gone.json["removedBy"], gone.json["note"]) == (EDITOR, "a typing mistake")
    assert find(call, "bob@example.com").json["items"] == []
    assert removals(call, user=VIEWER).json["items"] == [gone.json]
    assert remove(call, "bob@example.com").status == 404


@pytest.mark.parametrize("reason", ["unsubscribed", "complaint", "opt_out"])
def test_what_a_recipient_asked_for_is_removed_by_administrators_alone(call: Any, reason: str) -> None:
    add(call, "bob@example.com", reason=reason)
    refused = remove(call, "bob@example.com")
    assert (refused.status, reason in refused.json["detail"]) == (403, True)
    assert len(find(call, "bob@example.com").json["items"]) == 1
    assert removals(call).json["items"] == []
    assert remove(call, "bob@example.com", user=OWNER).json["removedBy"] == OWNER


def test_a_hard_bounce_is_removed_by_an_editor(call: Any) -> None:
    add(call, "bob@example.com", reason="hard_bounce")
    assert remove(call, "bob@example.com").status == 200


def test_removals_are_listed_newest_first_page_by_page_and_not_among_the_addresses(call: Any) -> None:
    for name in ("a", "b", "c"):
        add(call, f"{name}@example.com")
        remove(call, f"{name}@example.com")
    first = removals(call, query={"limit": "2"}).json
    second = removals(call, query={"limit": "2", "cursor": first["next"]}).json
    found = [each["suppression"]["address"] for each in (*first["items"], *second["items"])]
    times = [each["removedAt"] for each in (*first["items"], *second["items"])]
    assert sorted(found) == ["a@example.com", "b@example.com", "c@example.com"]
    assert times == sorted(times, reverse=True)
    assert call("contacts", "list_suppressions").json["items"] == []


def test_an_address_can_come_back_after_it_was_removed(call: Any) -> None:
    add(call, "bob@example.com", reason="hard_bounce")
    remove(call, "bob@example.com")
    assert add(call, "bob@example.com").json["reason"] == "manual"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "email", "address": "no address"}, "body.address"),
        ({"channel": "sms", "address": "030 901820"}, "body.address"),
        ({"channel": "fax", "address": "a@example.com"}, "body.channel"),
        ({"channel": "email", "address": "a@example.com", "reason": "import"}, "body.reason"),
        ({"channel": "email", "address": "a@example.com", "note": "x" * 501}, "body.note"),
        ({"address": "a@example.com"}, "body.channel"),
    ],
)
def test_a_bad_body_is_refused_by_field(call: Any, body: dict[str, Any], field: str) -> None:
    answer = call("contacts", "add_suppression", body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_a_bad_address_is_refused_wherever_it_is_asked_for(call: Any) -> None:
    assert find(call, "nobody").json["errors"][0]["field"] == "query.address"
    assert remove(call, "nobody").json["errors"][0]["field"] == "body.address"
    assert removals(call, query={"cursor": "e30"}).json["errors"][0]["field"] == "query.cursor"


def test_another_organisation_sees_and_changes_nothing(call: Any) -> None:
    add(call, "bob@example.com")
    assert find(call, "bob@example.com", user=STRANGER).json["items"] == []
    assert remove(call, "bob@example.com", user=STRANGER).status == 404
    remove(call, "bob@example.com")
    assert removals(call, user=STRANGER).json["items"] == []


def test_a_role_without_the_permission_is_refused(call: Any) -> None:
    assert add(call, "bob@example.com", user=VIEWER).status == 403
    assert remove(call, "bob@example.com", user=VIEWER).status == 403
    assert removals(call, user=None).status == 401
