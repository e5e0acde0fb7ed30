"""Organisations and memberships.

pk ``ORG#<org>``     sk ``ORG``             the organisation, with the number of its owners
pk ``ORG#<org>``     sk ``MEMBER#<user>``   who belongs to it
pk ``USER#<user>``   sk ``MEMBER#<org>``    where a user belongs; a copy of the row above, written with it
"""

from collections.abc import Mapping
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.access import Role
from clarion.domain.errors import Conflict, NotFound, RuleBroken, Stale
from clarion.domain.organisation import Member, Organisation
from clarion.storage.table import ConditionFailed, Item, Table, check, delete, put, update

_LAST_OWNER = "an organisation keeps at least one owner: make another member an owner first"
_SAME_ROLE: dict[str, Any] = {"condition": "#role = :was", "names": {"#role": "role"}}


class OrganisationTable:
    """Founds organisations and keeps both directions of a membership equal."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def role_in(self, user_id: str, org_id: str) -> Role | None:
        """The user's role there, None for strangers."""
        row = self._table.get(keys.member(org_id, user_id))
        return Role(row["role"]) if row else None

    def organisations_of(self, user_id: str) -> list[str]:
        """Ids of the user's organisations, sorted."""
        return [member.org_id for member in self.memberships_of(user_id)]

    def memberships_of(self, user_id: str) -> list[Member]:
        """The user's place in each of their organisations."""
        return [_member(row) for row in self._table.query_all(keys.membership(user_id, "")["pk"], "MEMBER#")]

    def found(self, organisation: Organisation, owner: Member) -> None:
        """Keep a new organisation and its first owner; one whose id exists is left as it is."""
        if self._table.get(keys.organisation(organisation.id)):
            return
        row = {
            "id": organisation.id,
            "name": organisation.name,
            "owners": organisation.owners,
            "created_at": stamp(organisation.created_at),
        }
        try:
            self._table.transact(
                [
                    put({**keys.organisation(organisation.id), **row}, if_absent=True),
                    *(put(place) for place in _rows(owner)),
                ]
            )
        except ConditionFailed:
            return  # founded by a request that ran beside this one

    def get(self, org_id: str) -> Organisation:
        """Raises NotFound."""
        row = self._table.get(keys.organisation(org_id))
        if row is None:
            raise NotFound("organisation", org_id)
        return Organisation(
            id=row["id"], name=row["name"], owners=int(row["owners"]), created_at=moment(row["created_at"])
        )

    def member(self, org_id: str, user_id: str) -> Member:
        """Raises NotFound."""
        row = self._table.get(keys.member(org_id, user_id))
        if row is None:
            raise NotFound("member", user_id)
        return _member(row)

    def members(self, org_id: str, limit: int, after_user: str | None = None) -> tuple[list[Member], str | None]:
        """One page of members by user id, and the user id to go on after (None at the end)."""
        start = keys.member(org_id, after_user) if after_user else None
        rows, last = self._table.query(keys.organisation(org_id)["pk"], "MEMBER#", after=start, limit=limit)
        return [_member(row) for row in rows], rows[-1]["user_id"] if rows and last else None

    def add(self, member: Member) -> None:
        """Raises Conflict when that user is a member already."""
        here, there = _rows(member)
        try:
            self._table.transact(
                [put(here, if_absent=True), put(there), *self._owners(member.org_id, None, member.role)]
            )
        except ConditionFailed as failed:
            if failed.index == 0:
                raise Conflict(f"{member.email} is a member already", "body.email") from None
            raise NotFound("organisation", member.org_id) from None

    def set_role(self, member: Member, role: Role) -> Member:
        """Give ``member``, as it was read, another role.

        Raises RuleBroken for the last owner's demotion, Stale when the membership changed since it was read.
        """
        values = {":was": member.role.value}
        changes = [
            update(key, set={"role": role.value}, values=values, **_SAME_ROLE)
            for key in (keys.member(member.org_id, member.user_id), keys.membership(member.user_id, member.org_id))
        ]
        self._change(member, [*changes, *self._owners(member.org_id, member.role, role)])
        return member.model_copy(update={"role": role})

    def remove(self, member: Member) -> None:
        """End a membership, as it was read; raises as ``set_role``."""
        same = delete(keys.member(member.org_id, member.user_id), "#role = :was", {":was": member.role.value})
        same["Delete"]["ExpressionAttributeNames"] = _SAME_ROLE["names"]
        there = delete(keys.membership(member.user_id, member.org_id))
        self._change(member, [same, there, *self._owners(member.org_id, member.role, None)])

    def _change(self, member: Member, actions: list[dict[str, Any]]) -> None:
        try:
            self._table.transact(actions)
        except ConditionFailed as failed:
            if failed.index == 2:
                raise RuleBroken(_LAST_OWNER) from None
            raise Stale("member", member.user_id) from None

    def _owners(self, org_id: str, before: Role | None, after: Role | None) -> list[dict[str, Any]]:
        """The third action of a change: move the count of owners, or make sure that the organisation exists."""
        key = keys.organisation(org_id)
        step = (after is Role.OWNER) - (before is Role.OWNER)
        if step < 0:
            return [update(key, add={"owners": step}, condition="owners > :one", values={":one": 1})]
        if step > 0:
            return [update(key, add={"owners": step}, condition="attribute_exists(pk)")]
        return [check(key, "attribute_exists(pk)")] if before is None else []


def _rows(member: Member) -> tuple[Item, Item]:
    """The membership as seen from the organisation and from the user."""
    row = {
        "user_id": member.user_id,
        "org_id": member.org_id,
        "organisation": member.organisation,
        "role": member.role.value,
        "email": member.email,
        "joined_at": stamp(member.joined_at),
    }
    return (
        {**keys.member(member.org_id, member.user_id), **row},
        {**keys.membership(member.user_id, member.org_id), **row},
    )


def _member(row: Mapping[str, Any]) -> Member:
    return Member.model_validate({name: row[name] for name in Member.model_fields})
