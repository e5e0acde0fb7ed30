"""Who belongs to the organisation, and as what."""

from typing import Any

import pytest

from clarion import keys
from clarion.domain.access import Role
from clarion.domain.account import Account
from clarion.storage.organisations import OrganisationTable
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, GLOBEX, OWNER, STRANGER, VIEWER


class AccountsInMemory:
    """Who has an account, by address."""

    def find(self, email: str) -> Account | None:
        known = {
            "new@example.com": Account("u-new", "new@example.com", "", confirmed=True),
            "waiting@example.com": Account("u-waiting", "waiting@example.com", "", confirmed=False),
            f"{EDITOR}@example.com": Account(EDITOR, f"{EDITOR}@example.com", "", confirmed=True),
        }
        return known.get(email)


ADMIN = "u-admin"


@pytest.fixture(autouse=True)
def _organisations(people: None, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acme and Globex as they were founded, and an admin at Acme."""
    monkeypatch.setattr("clarion.wiring.people.accounts", AccountsInMemory)
    for org, name in ((ACME, "Acme"), (GLOBEX, "Globex")):
        row = {"id": org, "name": name, "owners": 1, "created_at": "2026-01-01T00:00:00.000Z"}
        table.put({**keys.organisation(org), **row})
    owner = OrganisationTable(table).member(ACME, OWNER)
    OrganisationTable(table).add(
        owner.model_copy(update={"user_id": ADMIN, "role": Role.ADMIN, "email": "u-admin@example.com"})
    )


def roles(call: Any, user: str = VIEWER) -> dict[str, str]:
    answer = call("organisations", "list_members", user=user)
    return {member["userId"]: member["role"] for member in answer.json["items"]}


def add(call: Any, email: str = "new@example.com", role: str = "editor", **how: Any) -> Any:
    return call("organisations", "add_member", body={"email": email, "role": role}, **how)


def set_role(call: Any, user_id: str, role: str, **how: Any) -> Any:
    return call("organisations", "set_member_role", path={"user_id": user_id}, body={"role": role}, **how)


def remove(call: Any, user_id: str, **how: Any) -> Any:
    return call("organisations", "remove_member", path={"user_id": user_id}, **how)


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


def test_the_profile_shows_the_organisations_and_roles(call: Any) -> None:
    answer = call("organisations", "get_profile", user=VIEWER)
    assert answer.json == {
        "userId": VIEWER,
        "organisations": [{"id": ACME, "name": ACME, "role": "viewer"}],
    }
    assert call("organisations", "get_profile", user="u-nowhere").json["organisations"] == []
    assert call("organisations", "get_profile", user=None).status == 401


def test_members_are_listed_page_by_page(call: Any) -> None:
    assert roles(call) == {OWNER: "owner", EDITOR: "editor", VIEWER: "viewer", ADMIN: "admin"}
    first = call("organisations", "list_members", query={"limit": "3"}).json
    second = call("organisations", "list_members", query={"limit": "3", "cursor": first["next"]}).json
    assert len(first["items"] + second["items"]) == 4
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "e30", "eyJ1c2VyIjo3fQ", "eyJ1c2VyIjoiIn0"])
def test_a_cursor_that_is_none_of_ours_is_refused(call: Any, cursor: str) -> None:
    answer = call("organisations", "list_members", query={"cursor": cursor})
    assert (answer.status, fields(answer)) == (400, ["query.cursor"])


def test_another_organisation_sees_none_of_it(call: Any) -> None:
    assert roles(call, STRANGER) == {STRANGER: "owner"}
    assert set_role(call, EDITOR, "viewer", user=STRANGER).status == 404
    assert remove(call, EDITOR, user=STRANGER).status == 404
    assert roles(call)[EDITOR] == "editor"


def test_a_person_with_an_account_becomes_a_member(call: Any) -> None:
    answer = add(call, "New@Example.com")
    assert answer.status == 201
    assert (answer.json["userId"], answer.json["email"], answer.json["role"]) == ("u-new", "new@example.com", "editor")
    assert roles(call, "u-new")["u-new"] == "editor"
    profile = call("organisations", "get_profile", user="u-new").json
    assert profile["organisations"] == [{"id": ACME, "name": "Acme", "role": "editor"}]


@pytest.mark.parametrize("email", ["nobody@example.com", "waiting@example.com"])
def test_a_person_without_a_confirmed_account_cannot_be_added(call: Any, email: str) -> None:
    answer = add(call, email)
    assert (answer.status, fields(answer)) == (422, ["body.email"])


def test_a_member_is_not_added_again(call: Any) -> None:
    answer = add(call, f"{EDITOR}@example.com", "viewer")
    assert (answer.status, fields(answer)) == (409, ["body.email"])
    assert roles(call)[EDITOR] == "editor"


def test_a_role_is_changed(call: Any) -> None:
    assert set_role(call, EDITOR, "viewer").json["role"] == "viewer"
    assert set_role(call, EDITOR, "viewer").status == 200
    assert add(call, user=EDITOR).status == 403


def test_a_membership_ends(call: Any) -> None:
    assert remove(call, EDITOR).status == 204
    assert remove(call, EDITOR).status == 404
    assert EDITOR not in roles(call)
    assert call("organisations", "list_members", user=EDITOR).status == 400
    assert call("organisations", "list_members", user=EDITOR, org=ACME).status == 403


def test_admins_manage_members_but_no_owners(call: Any) -> None:
    assert set_role(call, VIEWER, "editor", user=ADMIN).status == 200
    assert add(call, role="owner", user=ADMIN).status == 403
    assert set_role(call, EDITOR, "owner", user=ADMIN).status == 403
    assert set_role(call, OWNER, "viewer", user=ADMIN).status == 403
    assert remove(call, OWNER, user=ADMIN).status == 403
    assert roles(call) == {OWNER: "owner", EDITOR: "editor", VIEWER: "editor", ADMIN: "admin"}


def test_the_last_owner_stays_until_there_is_another(call: Any) -> None:
    assert remove(call, OWNER).status == 422
    assert set_role(call, OWNER, "admin").status == 422
    assert set_role(call, ADMIN, "owner").status == 200
    assert remove(call, OWNER, user=ADMIN).status == 204
    assert remove(call, ADMIN, user=ADMIN).status == 422


@pytest.mark.parametrize("user", [EDITOR, VIEWER])
def test_editors_and_viewers_change_no_members(call: Any, user: str) -> None:
    assert add(call, user=user).status == 403
    assert set_role(call, VIEWER, "editor", user=user).status == 403
    assert remove(call, VIEWER, user=user).status == 403


def test_bad_bodies_name_their_fields(call: Any) -> None:
    assert fields(add(call, "nonsense")) == ["body.email"]
    assert fields(add(call, role="king")) == ["body.role"]
    assert fields(set_role(call, EDITOR, "king")) == ["body.role"]
    assert fields(call("organisations", "set_member_role", path={"user_id": EDITOR}, body={})) == ["body.role"]


def test_a_user_id_longer_than_any_is_not_found(call: Any) -> None:
    assert remove(call, "u" * 2000).status == 404
