"""The suppression list as its callers see it: look, add, remove, and who removed what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.access import Role
from clarion.domain.contact import ConsentChannel
from clarion.domain.errors import Forbidden, Invalid, NotFound
from clarion.domain.suppression import Suppression, SuppressionReason, SuppressionRemoval, suppressed_key

Position = Mapping[str, Any] | None


class Suppressions(Protocol):
    def find(self, org_id: str, channel: ConsentChannel, address: str) -> Suppression | None: ...
    def add(self, org_id: str, suppression: Suppression) -> Suppression:
        """The answer is what is on the list now: this one, or the one that stays before it."""

    def remove(self, org_id: str, removal: SuppressionRemoval) -> None:
        """Raises NotFound, or Stale when the suppression changed since it was read."""

    def list(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Position = None
    ) -> tuple[list[Suppression], dict[str, Any] | None]: ...
    def removals(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Position = None
    ) -> tuple[Sequence[SuppressionRemoval], dict[str, Any] | None]: ...


class SuppressionService:
    def __init__(self, suppressions: Suppressions, clock: Callable[[], datetime]) -> None:
        self._suppressions, self._clock = suppressions, clock

    def list(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Position, address: str | None = None
    ) -> tuple[list[Suppression], dict[str, Any] | None]:
        """One page in order of address; with ``address``, in any spelling, that one alone. Raises Invalid."""
        if address is None:
            return self._suppressions.list(org_id, channel, limit, position)
        found = self._suppressions.find(org_id, channel, _key(channel, address, "query.address"))
        return [found] if found else [], None

    def add(
        self,
        org_id: str,
        user_id: str,
        channel: ConsentChannel,
        address: str,
        reason: SuppressionReason,
        note: str | None,
    ) -> Suppression:
        """Suppress an address; the answer is what is on the list now, for a reason that stays. Raises Invalid."""
        key = _key(channel, address, "body.address")
        suppression = Suppression(
            address=key,
            channel=channel,
            reason=reason,
            source="api",
            created_by=user_id,
            note=note,
            created_at=self._clock(),
        )
        return self._suppressions.add(org_id, suppression)

    def remove(
        self, org_id: str, user_id: str, role: Role | None, channel: ConsentChannel, address: str, note: str | None
    ) -> SuppressionRemoval:
        """Take an address off the list; who did so, and what was on the list, is kept.

        Raises Invalid, NotFound, and Forbidden where the recipient asked for it and ``role`` is no administrator's.
        """
        key = _key(channel, address, "body.address")
        found = self._suppressions.find(org_id, channel, key)
        if found is None:
            raise NotFound("suppression", key)
        if role is None or not role.may(found.removal_needs):
            raise Forbidden(f"removing an address suppressed for {found.reason!r} takes {found.removal_needs!r}")
        removal = SuppressionRemoval(suppression=found, removed_by=user_id, removed_at=self._clock(), note=note)
        self._suppressions.remove(org_id, removal)
        return removal

    def removals(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Position
    ) -> tuple[Sequence[SuppressionRemoval], dict[str, Any] | None]:
        """One page, newest first."""
        return self._suppressions.removals(org_id, channel, limit, position)


def _key(channel: ConsentChannel, address: str, field: str) -> str:
    try:
        return suppressed_key(channel, address)
    except ValueError as error:
        raise Invalid([{"field": field, "message": str(error)}]) from None
