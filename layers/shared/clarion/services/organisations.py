"""Who belongs to an organisation, and as what."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.access import Role
from clarion.domain.account import Account
from clarion.domain.errors import CursorRefused, RuleBroken
from clarion.domain.organisation import Member, Organisation, require_may_change


class OrganisationStore(Protocol):
    """Members are changed as they were read; the last owner stays (RuleBroken)."""

    def memberships_of(self, user_id: str) -> list[Member]: ...
    def get(self, org_id: str) -> Organisation: ...
    def member(self, org_id: str, user_id: str) -> Member: ...
    def members(self, org_id: str, limit: int, after_user: str | None) -> tuple[list[Member], str | None]: ...
    def add(self, member: Member) -> None: ...
    def set_role(self, member: Member, role: Role) -> Member: ...
    def remove(self, member: Member) -> None: ...


class Directory(Protocol):
    """Who has an account."""

    def find(self, email: str) -> Account | None: ...


class OrganisationService:
    """``actor`` is the role of whoever asks: owners are made and unmade by owners alone."""

    def __init__(self, store: OrganisationStore, directory: Directory, clock: Callable[[], datetime]) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def memberships_of(self, user_id: str) -> list[Member]:
        """The user's place in each of their organisations."""
        return self._store.memberships_of(user_id)

    def members(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Member], dict[str, Any] | None]:
        """One page, and the position to go on from (None at the end); raises CursorRefused."""
        after = None if position is None else position.get("user")
        if position is not None and not (isinstance(after, str) and 0 < len(after) <= 128):
            raise CursorRefused
        members, last = self._store.members(org_id, limit, after)
        return members, {"user": last} if last else None

    def add_member(self, org_id: str, actor: Role | None, email: str, role: Role) -> Member:
        """Raises RuleBroken when nobody has that address (normalised), Conflict for a member."""
        require_may_change(actor, role)
        account = self._directory.find(email)
        if account is None or not account.confirmed:
            raise RuleBroken("nobody with this e-mail address has an account: ask them to sign up first", "body.email")
        member = Member(
            user_id=account.user_id,
            org_id=org_id,
            organisation=self._store.get(org_id).name,
            role=role,
            email=account.email,
            joined_at=self._clock(),
        )
        self._store.add(member)
        return member

    def set_role(self, org_id: str, actor: Role | None, user_id: str, role: Role) -> Member:
        """Raises NotFound, Forbidden, RuleBroken (last owner), Stale."""
        member = self._store.member(org_id, user_id)
        if member.role is role:
            return member
        require_may_change(actor, member.role, role)
        return self._store.set_role(member, role)

    def remove_member(self, org_id: str, actor: Role | None, user_id: str) -> None:
        """Raises as ``set_role``."""
        member = self._store.member(org_id, user_id)
        require_may_change(actor, member.role)
        self._store.remove(member)
