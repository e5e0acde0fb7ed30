"""Exports to CSV: jobs that can stop and go on at any row."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from clarion.domain.model import Model


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"


class ExportJob(Model):
    """What exports of all kinds have in common; each kind has a ``place`` of its own.

    Place, parts and number of rows move together, in one conditional write, so each row is in the file once.
    ``upload`` names the multipart upload that the parts (their etags) go to.
    """

    id: str
    status: ExportStatus = ExportStatus.QUEUED
    created_by: str
    created_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None
    upload: str = ""
    parts: tuple[str, ...] = ()
    rows: int = 0
    version: int = 1

    @property
    def finished(self) -> bool:
        return self.status == ExportStatus.COMPLETED

    def opened(self, upload: str, now: datetime) -> Self:
        """Rows go to the multipart upload ``upload`` from now on."""
        return self._moved(now, status=ExportStatus.RUNNING, upload=upload)

    def advanced(self, part: str, rows: int, place: Model, now: datetime) -> Self:
        """One more part, of ``rows`` rows, is written; the next one begins at ``place``."""
        return self._moved(now, parts=(*self.parts, part), rows=self.rows + rows, place=place)

    def completed(self, now: datetime) -> Self:
        return self._moved(now, status=ExportStatus.COMPLETED, finished_at=now)

    def _moved(self, now: datetime, **changes: Any) -> Self:
        return self.model_copy(update={**changes, "touched_at": now})
