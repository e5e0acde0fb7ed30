"""The export worker: walks all contacts, shard after shard, into one CSV file of as many parts as it takes.

What it has come to is kept after each shard (names) and each part (rows); a worker that dies loses what it did since,
and the next one does that again. Contacts that change meanwhile are written as they are when they are read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact_export import ContactExport, Place, export_header, export_row
from clarion.domain.csv_cells import csv_text
from clarion.domain.errors import Stale
from clarion.keys import CONTACT_SHARDS
from clarion.services.checkpoint import keep
from clarion.services.exports import Exports, JobQueue, export_file

PAGE = 1000  # contacts read at once
PART_BYTES = 8 * 1024 * 1024  # S3 wants at least 5 MB in all parts but the last
SPARE_MS = 30_000  # nothing further is begun when less is left

Documents = Sequence[Mapping[str, Any]]


class Contacts(Protocol):
    def page_of_shard(self, org_id: str, shard: int, after: str | None, limit: int) -> tuple[Documents, str | None]:
        """Documents in order of id after ``after``, and the id to go on after (None at the end)."""


class Files(Protocol):
    def begin(self, key: str) -> str: ...
    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str: ...
    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None: ...


class ExportRun:
    def __init__(
        self, exports: Exports, files: Files, contacts: Contacts, queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        self._exports, self._files, self._contacts = exports, files, contacts
        self._queue, self._clock = queue, clock

    def run(self, org_id: str, export_id: str, remaining_ms: Callable[[], int]) -> None:
        """Bring the export to its end, or as far as time allows and queue it again."""
        job = self._exports.get(org_id, export_id)
        if job.finished:
            return
        try:
            done = self._go_on(org_id, job, remaining_ms)
        except Stale:
            return  # another worker is further
        if not done:
            self._queue.send(org_id, export_id)

    def _go_on(self, org_id: str, job: ContactExport, remaining_ms: Callable[[], int]) -> bool:
        if job.phase == "columns":
            for page, place in self._pages(org_id, job.place):
                names = {name for document in page for name in document["attributes"]}
                job = job.walked(names, place, self._clock())
                late = remaining_ms() < SPARE_MS
                if late or place.after is None:
                    job = keep(self._exports, org_id, job)
                if late:
                    return False
            upload = self._files.begin(export_file(org_id, job.id))
            job = keep(self._exports, org_id, job.opened(upload, self._clock()))
        return self._write_rows(org_id, job, remaining_ms)

    def _write_rows(self, org_id: str, job: ContactExport, remaining_ms: Callable[[], int]) -> bool:
        waiting, count = bytearray(), 0
        if not job.parts:
            waiting += csv_text([export_header(job.attributes)]).encode()
        for page, place in self._pages(org_id, job.place):
            waiting += csv_text(export_row(document, job.attributes) for document in page).encode()
            count += len(page)
            if len(waiting) >= PART_BYTES:
                job = self._part(org_id, job, bytes(waiting), count, place)
                waiting, count = bytearray(), 0
            if remaining_ms() < SPARE_MS:
                return False
        if waiting:
            job = self._part(org_id, job, bytes(waiting), count, Place(shard=CONTACT_SHARDS))
        self._files.complete(export_file(org_id, job.id), job.upload, job.parts)
        keep(self._exports, org_id, job.completed(self._clock()))
        return True

    def _part(self, org_id: str, job: ContactExport, body: bytes, contacts: int, place: Place) -> ContactExport:
        etag = self._files.add_part(export_file(org_id, job.id), job.upload, len(job.parts) + 1, body)
        return keep(self._exports, org_id, job.advanced(etag, contacts, place, self._clock()))

    def _pages(self, org_id: str, place: Place) -> Iterator[tuple[Documents, Place]]:
        """Pages of contacts from ``place`` on, each with the place after it."""
        shard, after = place.shard, place.after
        while shard < CONTACT_SHARDS:
            page, after = self._contacts.page_of_shard(org_id, shard, after, PAGE)
            if after is None:
                shard += 1
            yield page, Place(shard=shard, after=after)
