"""The export worker: writes the rows of a job into one CSV file of as many parts as it takes.

What it has come to is kept after each part; a worker that dies loses what it did since, and the next one does that
again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Generic, Protocol

from clarion.domain.csv_cells import csv_text
from clarion.domain.errors import Stale
from clarion.domain.model import Model
from clarion.services.checkpoint import keep
from clarion.services.exports import Exports, J, JobQueue, export_file

PART_BYTES = 8 * 1024 * 1024  # S3 wants at least 5 MB in all parts but the last
SPARE_MS = 30_000  # nothing further is begun when less is left


class Rows(Protocol[J]):
    """What an export of one kind writes."""

    def prepare(self, org_id: str, job: J, late: Callable[[], bool]) -> tuple[J, bool]:
        """Find out what has to be known before the first row; False where ``late()`` stopped it before the end."""

    def header(self, job: J) -> Sequence[str]: ...

    def pages(self, org_id: str, job: J) -> Iterator[tuple[Sequence[Sequence[str]], Model]]:
        """Rows from the job's place on, page by page, each page with the place after it; a job without parts has at
        least one page, be it empty."""


class Files(Protocol):
    def begin(self, key: str) -> str: ...
    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str: ...
    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None: ...


class ExportRun(Generic[J]):
    def __init__(
        self, exports: Exports[J], files: Files, rows: Rows[J], queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        self._exports: Exports[J] = exports
        self._rows: Rows[J] = rows
        self._files, self._queue, self._clock = files, queue, clock

    def run(self, org_id: str, export_id: str, remaining_ms: Callable[[], int]) -> None:
        """Bring the export to its end, or as far as time allows and queue it again."""
        job = self._exports.get(org_id, export_id)
        if job.finished:
            return
        try:
            done = self._go_on(org_id, job, lambda: remaining_ms() < SPARE_MS)
        except Stale:
            return  # another worker is further
        if not done:
            self._queue.send(org_id, export_id)

    def _go_on(self, org_id: str, job: J, late: Callable[[], bool]) -> bool:
        if not job.upload:
            job, ready = self._rows.prepare(org_id, job, late)
            if not ready:
                return False
            upload = self._files.begin(export_file(org_id, job.id))
            job = keep(self._exports, org_id, job.opened(upload, self._clock()))
        return self._write_rows(org_id, job, late)

    def _write_rows(self, org_id: str, job: J, late: Callable[[], bool]) -> bool:
        waiting, count = bytearray(), 0
        end: Model | None = None
        if not job.parts:
            waiting += csv_text([self._rows.header(job)]).encode()
        for page, end in self._rows.pages(org_id, job):
            waiting += csv_text(page).encode()
            count += len(page)
            if len(waiting) >= PART_BYTES:
                job = self._part(org_id, job, bytes(waiting), count, end)
                waiting, count = bytearray(), 0
            if late():
                return False
        if waiting and end is not None:
            job = self._part(org_id, job, bytes(waiting), count, end)
        self._files.complete(export_file(org_id, job.id), job.upload, job.parts)
        keep(self._exports, org_id, job.completed(self._clock()))
        return True

    def _part(self, org_id: str, job: J, body: bytes, rows: int, place: Model) -> J:
        etag = self._files.add_part(export_file(org_id, job.id), job.upload, len(job.parts) + 1, body)
        return keep(self._exports, org_id, job.advanced(etag, rows, place, self._clock()))
