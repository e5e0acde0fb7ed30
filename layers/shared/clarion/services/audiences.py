"""Audiences: saved by name, used by campaigns."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.audience import AudienceDefinition
from clarion.domain.errors import Conflict
from clarion.domain.saved_audience import Audience, AudienceDetails


class AudienceStore(Protocol):
    """``add`` raises Conflict, ``replace`` and ``remove`` Stale, ``get`` NotFound."""

    def get(self, org_id: str, record_id: str) -> Audience: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Audience], dict[str, Any] | None]: ...
    def add(self, org_id: str, record: Audience) -> Audience: ...
    def replace(self, org_id: str, record: Audience) -> Audience: ...
    def remove(self, org_id: str, record_id: str, version: int | None) -> None: ...


class AudienceService:
    """The life of a saved audience; its reach is nobody's business before a launch."""

    def __init__(self, store: AudienceStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def create(self, org_id: str, audience_id: str, user_id: str, details: AudienceDetails) -> Audience:
        """A repetition with the same id answers what the first one kept."""
        now = self._clock()
        audience = Audience(id=audience_id, created_at=now, updated_at=now, created_by=user_id, **_fields(details))
        try:
            return self._store.add(org_id, audience)
        except Conflict:
            return self._store.get(org_id, audience_id)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Audience], dict[str, Any] | None]:
        """One page, newest first, and the position to go on from (None at the end)."""
        return self._store.list(org_id, limit, position)

    def get(self, org_id: str, audience_id: str) -> Audience:
        """Raises NotFound."""
        return self._store.get(org_id, audience_id)

    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        """Who belongs to it. Raises NotFound."""
        return self._store.get(org_id, audience_id).definition

    def update(self, org_id: str, audience_id: str, version: int | None, details: AudienceDetails) -> Audience:
        """Replace the whole audience, as it was read at ``version`` where one is given. Raises NotFound, Stale."""
        read = self._store.get(org_id, audience_id)
        as_read = read.version if version is None else version
        changes = {**_fields(details), "updated_at": self._clock(), "version": as_read}
        return self._store.replace(org_id, read.model_copy(update=changes))

    def delete(self, org_id: str, audience_id: str, version: int | None) -> None:
        """Raises NotFound, or Stale for another ``version``."""
        self._store.get(org_id, audience_id)
        self._store.remove(org_id, audience_id, version)


def _fields(details: AudienceDetails) -> dict[str, Any]:
    return {name: getattr(details, name) for name in AudienceDetails.model_fields}
