"""Exports as their callers see them: start, watch, download."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from clarion.domain.contact_export import ContactExport
from clarion.domain.errors import Conflict
from clarion.domain.recipient_export import RecipientExport
from clarion.domain.suppression_export import SuppressionExport

J = TypeVar("J", ContactExport, RecipientExport, SuppressionExport)


class Exports(Protocol[J]):
    def get(self, org_id: str, record_id: str) -> J: ...
    def add(self, org_id: str, record: J) -> J: ...
    def replace(self, org_id: str, record: J) -> J: ...


class Downloads(Protocol):
    def download_link(self, key: str, filename: str) -> str: ...


class JobQueue(Protocol):
    def send(self, org_id: str, record_id: str) -> None: ...


def export_file(org_id: str, export_id: str) -> str:
    """``exports/acme/01J8….csv``"""
    return f"exports/{org_id}/{export_id}.csv"


class ExportService(Generic[J]):
    """Exports of one kind; ``name`` is what their files are called, ``contacts``."""

    def __init__(self, name: str, exports: Exports[J], files: Downloads, queue: JobQueue) -> None:
        self._exports: Exports[J] = exports
        self._name, self._files, self._queue = name, files, queue

    def begin(self, org_id: str, job: J) -> J:
        """Keep and queue a new export; the same again for the same id."""
        try:
            kept = self._exports.add(org_id, job)
        except Conflict:
            kept = self._exports.get(org_id, job.id)
        self._queue.send(org_id, job.id)
        return kept

    def get(self, org_id: str, export_id: str) -> tuple[J, str | None]:
        """The export, and where its file is for an hour once it is complete. Raises NotFound."""
        job = self._exports.get(org_id, export_id)
        if not job.finished:
            return job, None
        filename = f"{self._name}-{job.created_at:%Y-%m-%d}.csv"
        return job, self._files.download_link(export_file(org_id, export_id), filename)


class ContactExportService(ExportService[ContactExport]):
    def __init__(
        self, exports: Exports[ContactExport], files: Downloads, queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        super().__init__("contacts", exports, files, queue)
        self._clock = clock

    def start(self, org_id: str, export_id: str, user_id: str) -> ContactExport:
        """A new export of all contacts (the same again for the same id), queued."""
        now = self._clock()
        return self.begin(org_id, ContactExport(id=export_id, created_by=user_id, created_at=now, touched_at=now))
