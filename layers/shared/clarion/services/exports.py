"""Exports of contacts as their callers see them: start, watch, download."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from clarion.domain.contact_export import ContactExport
from clarion.domain.errors import Conflict


class Exports(Protocol):
    def get(self, org_id: str, record_id: str) -> ContactExport: ...
    def add(self, org_id: str, record: ContactExport) -> ContactExport: ...
    def replace(self, org_id: str, record: ContactExport) -> ContactExport: ...


class Downloads(Protocol):
    def download_link(self, key: str, filename: str) -> str: ...


class JobQueue(Protocol):
    def send(self, org_id: str, record_id: str) -> None: ...


def export_file(org_id: str, export_id: str) -> str:
    """``exports/acme/01J8….csv``"""
    return f"exports/{org_id}/{export_id}.csv"


class ExportService:
    def __init__(self, exports: Exports, files: Downloads, queue: JobQueue, clock: Callable[[], datetime]) -> None:
        self._exports, self._files, self._queue, self._clock = exports, files, queue, clock

    def start(self, org_id: str, export_id: str, user_id: str) -> ContactExport:
        """A new export (the same again for the same id), queued."""
        now = self._clock()
        job = ContactExport(id=export_id, created_by=user_id, created_at=now, touched_at=now)
        try:
            job = self._exports.add(org_id, job)
        except Conflict:
            job = self._exports.get(org_id, export_id)
        self._queue.send(org_id, export_id)
        return job

    def get(self, org_id: str, export_id: str) -> tuple[ContactExport, str | None]:
        """The export, and where its file is for an hour once it is complete. Raises NotFound."""
        job = self._exports.get(org_id, export_id)
        if not job.finished:
            return job, None
        return job, self._files.download_link(export_file(org_id, export_id), f"contacts-{job.created_at:%Y-%m-%d}.csv")
