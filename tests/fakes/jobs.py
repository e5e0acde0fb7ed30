"""Job records and queues in memory, and a way to kill whoever uses them."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from clarion.domain.contact_export import ContactExport
from clarion.domain.contact_import import ContactImport
from clarion.domain.errors import Conflict, NotFound, Stale
from clarion.domain.recipient_export import RecipientExport
from clarion.domain.suppression_export import SuppressionExport
from clarion.domain.suppression_import import SuppressionImport

J = TypeVar("J", ContactImport, SuppressionImport, ContactExport, RecipientExport, SuppressionExport)


class JobsInMemory(Generic[J]):
    """As ``RecordTable``: kept as JSON, replaced only at the version that was read."""

    def __init__(self, model: type[J]) -> None:
        self._model: type[J] = model
        self._kept: dict[tuple[str, str], tuple[str, int]] = {}

    def get(self, org_id: str, record_id: str) -> J:
        if (org_id, record_id) not in self._kept:
            raise NotFound("job", record_id)
        body, version = self._kept[org_id, record_id]
        job: J = self._model.model_validate_json(body).model_copy(update={"version": version})
        return job

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[J], dict[str, Any] | None]:
        ids = sorted((job for org, job in self._kept if org == org_id), reverse=True)
        return [self.get(org_id, job) for job in ids[:limit]], None

    def add(self, org_id: str, record: J) -> J:
        if (org_id, record.id) in self._kept:
            raise Conflict("taken")
        self._kept[org_id, record.id] = record.model_dump_json(by_alias=True), 1
        return self.get(org_id, record.id)

    def replace(self, org_id: str, record: J) -> J:
        if self._kept[org_id, record.id][1] != record.version:
            raise Stale("job", record.id)
        self._kept[org_id, record.id] = record.model_dump_json(by_alias=True), record.version + 1
        return self.get(org_id, record.id)


class JobQueueInMemory:
    def __init__(self) -> None:
        self.waiting: deque[tuple[str, str]] = deque()

    def send(self, org_id: str, record_id: str) -> None:
        self.waiting.append((org_id, record_id))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Take messages until none is left."""
        while self.waiting:
            yield self.waiting.popleft()


class Killed(BaseException):
    """The worker's process ends here."""


class Fuse:
    """Kills the process at its ``at``-th call of anything wrapped, before or ``after`` the call took effect."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._left, self._after = at, after

    @property
    def burnt(self) -> bool:
        return self._left < 0

    def wrap(self, thing: Any) -> Any:
        return _Fused(thing, self)

    def call(self, method: Any, arguments: Any, options: Any) -> Any:
        self._left -= 1
        if self._left == -1 and not self._after:
            raise Killed
        answer = method(*arguments, **options)
        if self._left == -1:
            raise Killed
        return answer


class _Fused:
    def __init__(self, thing: Any, fuse: Fuse) -> None:
        self._thing, self._fuse = thing, fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._thing, name)
        return lambda *arguments, **options: self._fuse.call(method, arguments, options)
