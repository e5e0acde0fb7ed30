"""Memberships: both directions equal, one owner at least."""

from datetime import UTC, datetime

import pytest

from clarion.domain.access import Role
from clarion.domain.errors import Conflict, NotFound, RuleBroken, Stale
from clarion.domain.organisation import Member, Organisation
from clarion.storage.organisations import OrganisationTable
from clarion.storage.table import Table
from tests.fakes.table import TableInMemory

JOINED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["memory", "moto"])
def organisations(request: pytest.FixtureRequest) -> OrganisationTable:
    table: Table = TableInMemory() if request.param == "memory" else request.getfixturevalue("table")
    return OrganisationTable(table)


def member(user: str, role: Role = Role.EDITOR) -> Member:
    return Member(
        user_id=user, org_id="acme", organisation="Acme", role=role, email=f"{user}@example.com", joined_at=JOINED
    )


@pytest.fixture
def acme(organisations: OrganisationTable) -> OrganisationTable:
    organisations.found(Organisation(id="acme", name="Acme", created_at=JOINED), member("ann", Role.OWNER))
    return organisations


def test_a_founder_owns_the_organisation_seen_from_both_sides(acme: OrganisationTable) -> None:
    assert acme.role_in("ann", "acme") is Role.OWNER
    assert acme.organisations_of("ann") == ["acme"]
    assert acme.get("acme") == Organisation(id="acme", name="Acme", owners=1, created_at=JOINED)
    assert acme.memberships_of("ann") == [member("ann", Role.OWNER)] == acme.members("acme", 10)[0]


def test_founding_again_changes_nothing(acme: OrganisationTable) -> None:
    acme.add(member("bob", Role.OWNER))
    acme.remove(member("ann", Role.OWNER))
    acme.found(Organisation(id="acme", name="Other", created_at=JOINED), member("ann", Role.OWNER))
    assert acme.role_in("ann", "acme") is None
    assert (acme.get("acme").name, acme.get("acme").owners) == ("Acme", 1)


def test_strangers_have_no_role(acme: OrganisationTable) -> None:
    assert acme.role_in("eve", "acme") is None
    assert acme.role_in("ann", "globex") is None
    assert acme.organisations_of("eve") == []


def test_a_member_cannot_be_added_twice(acme: OrganisationTable) -> None:
    acme.add(member("bob"))
    with pytest.raises(Conflict):
        acme.add(member("bob", Role.OWNER))
    assert acme.role_in("bob", "acme") is Role.EDITOR
    assert acme.get("acme").owners == 1


def test_nobody_joins_an_organisation_that_does_not_exist(organisations: OrganisationTable) -> None:
    for role in (Role.VIEWER, Role.OWNER):
        with pytest.raises(NotFound):
            organisations.add(member("bob", role))
    assert organisations.organisations_of("bob") == []


def test_the_last_owner_can_neither_go_nor_be_demoted(acme: OrganisationTable) -> None:
    acme.add(member("bob"))
    with pytest.raises(RuleBroken, match="at least one owner"):
        acme.remove(member("ann", Role.OWNER))
    with pytest.raises(RuleBroken, match="at least one owner"):
        acme.set_role(member("ann", Role.OWNER), Role.ADMIN)
    assert acme.role_in("ann", "acme") is Role.OWNER
    assert acme.organisations_of("ann") == ["acme"]


def test_two_owners_who_remove_each_other_at_once_leave_one(acme: OrganisationTable) -> None:
    acme.add(member("bob", Role.OWNER))
    read_by_ann, read_by_bob = acme.member("acme", "bob"), acme.member("acme", "ann")
    acme.remove(read_by_ann)
    with pytest.raises(RuleBroken):
        acme.remove(read_by_bob)
    assert [each.user_id for each in acme.members("acme", 10)[0]] == ["ann"]


def test_a_change_of_what_changed_meanwhile_is_refused_and_the_count_stays_right(acme: OrganisationTable) -> None:
    acme.add(member("bob", Role.OWNER))
    read = acme.member("acme", "bob")
    acme.set_role(read, Role.EDITOR)
    with pytest.raises(Stale):
        acme.remove(read)
    with pytest.raises(Stale):
        acme.set_role(read, Role.VIEWER)
    assert acme.get("acme").owners == 1
    assert acme.role_in("bob", "acme") is Role.EDITOR
    assert acme.memberships_of("bob")[0].role is Role.EDITOR


def test_members_page(acme: OrganisationTable) -> None:
    for user in ("bob", "cid"):
        acme.add(member(user))
    first, after = acme.members("acme", 2)
    second, _ = acme.members("acme", 2, after)
    assert [each.user_id for each in first + second] == ["ann", "bob", "cid"]
