"""The import worker: reads a file chunk by chunk and keeps, after each, how far it has come.

Position, row number and counts move in one conditional write. What a worker did after its last such write is done again
by the next one and changes nothing: contacts remember which rows touched them (domain/contact_merge.py), and a chunk's
errors go to a file whose name is the chunk's. A second worker on the same import loses that write and stops.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, NamedTuple, Protocol

from clarion.domain.contact_import import ContactImport, Counts
from clarion.domain.contact_merge import ContactChange, Merge, RowError, excerpt
from clarion.domain.csv_cells import csv_text
from clarion.domain.csv_columns import BadHeader, RowReader
from clarion.domain.csv_layout import HEAD_BYTES, layout_of
from clarion.domain.csv_records import Record, records
from clarion.domain.errors import Stale
from clarion.domain.stored_file import FileReplaced, StoredFile
from clarion.services.checkpoint import keep
from clarion.services.imports import ImportFiles, Imports, JobQueue

CHUNK_ROWS = 1000
CHUNK_BYTES = 4 * 1024 * 1024
SPARE_MS = 30_000  # no further chunk is begun when less is left
_ERROR_HEADER = ("row", "field", "message", "value")
_COUNTED = {
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "duplicate": "duplicates",
    "rejected": "rejected",
}


class Files(Protocol):
    def info(self, key: str) -> StoredFile | None: ...
    def open(self, key: str, file: StoredFile, start: int = 0) -> BinaryIO:
        """Reading raises FileReplaced when the file is another one now."""

    def read(self, key: str) -> bytes: ...
    def write(self, key: str, body: bytes) -> None: ...
    def write_all(self, key: str, pieces: Iterable[bytes]) -> None: ...


class Upserts(Protocol):
    def apply(self, org_id: str, import_id: str, changes: Sequence[ContactChange], now: datetime) -> Sequence[Merge]:
        """Store what the rows say; rows that were applied before change nothing and have the same outcome."""


class _Chunk(NamedTuple):
    """``rows`` counts those that are not empty; ``row`` and ``position`` are where the chunk ends."""

    changes: list[ContactChange]
    errors: list[RowError]
    rows: int
    row: int
    position: int


class ImportRun:
    def __init__(
        self, imports: Imports, files: Files, contacts: Upserts, queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        self._imports, self._files, self._contacts = imports, files, contacts
        self._queue, self._clock = queue, clock

    def run(self, org_id: str, import_id: str, remaining_ms: Callable[[], int]) -> None:
        """Bring the import to its end, or as far as time allows and queue it again."""
        job = self._imports.get(org_id, import_id)
        if job.finished:
            return
        try:
            self._go_on(org_id, job, remaining_ms)
        except Stale:
            return  # another worker is further
        except FileReplaced:
            self._finish(org_id, self._imports.get(org_id, import_id), "the file was replaced while it was imported")

    def _go_on(self, org_id: str, job: ContactImport, remaining_ms: Callable[[], int]) -> None:
        if job.layout is None:
            try:
                job = self._begun(org_id, job)
            except BadHeader as bad:
                self._finish(org_id, job, str(bad))
                return
        for chunk in self._chunks(org_id, job):
            if remaining_ms() < SPARE_MS:
                self._queue.send(org_id, job.id)
                return
            job = self._stored(org_id, job, chunk)
        self._finish(org_id, job)

    def _begun(self, org_id: str, job: ContactImport) -> ContactImport:
        key = ImportFiles(org_id, job.id).upload
        file = self._files.info(key)
        if file is None:
            raise BadHeader("there is no uploaded file")
        with self._files.open(key, file) as stream:
            head = stream.read(HEAD_BYTES)
        header = layout_of(head, file, job.settings)
        begun = job.begun(header.layout, header.end, header.row, header.warnings, self._clock())
        return keep(self._imports, org_id, begun)

    def _chunks(self, org_id: str, job: ContactImport) -> Iterator[_Chunk]:
        layout = job.layout
        if layout is None or job.position >= layout.size:
            return
        reader = RowReader(layout.columns, job.settings)
        file = StoredFile(layout.size, layout.etag)
        with self._files.open(ImportFiles(org_id, job.id).upload, file, job.position) as stream:
            rows = records(stream, layout.encoding, layout.delimiter, job.position)
            row, position = job.row, job.position
            while position < layout.size:
                chunk = _chunk(reader, rows, row, position, layout.size)
                row, position = chunk.row, chunk.position
                yield chunk

    def _stored(self, org_id: str, job: ContactImport, chunk: _Chunk) -> ContactImport:
        merges = self._contacts.apply(org_id, job.id, chunk.changes, self._clock())
        errors = [*chunk.errors, *(error for merge in merges for error in merge.errors)]
        if errors:
            errors.sort(key=lambda error: error.row)
            part = ImportFiles(org_id, job.id).error_part(job.error_parts + 1)
            self._files.write(part, csv_text([str(cell) for cell in error] for error in errors).encode())
        found = Counter(_COUNTED[outcome] for merge in merges for _, outcome in merge.outcomes)
        found["rejected"] += len({error.row for error in chunk.errors})
        counts = Counts(rows=chunk.rows, **found)
        advanced = job.advanced(chunk.position, chunk.row, counts, errors, self._clock())
        return keep(self._imports, org_id, advanced)

    def _finish(self, org_id: str, job: ContactImport, failure: str | None = None) -> None:
        if job.error_parts:
            self._files.write_all(ImportFiles(org_id, job.id).errors, self._error_list(org_id, job))
        now = self._clock()
        keep(self._imports, org_id, job.failed(failure, now) if failure else job.completed(now))

    def _error_list(self, org_id: str, job: ContactImport) -> Iterator[bytes]:
        yield csv_text([_ERROR_HEADER]).encode()
        for number in range(1, job.error_parts + 1):
            yield self._files.read(ImportFiles(org_id, job.id).error_part(number))


def _chunk(reader: RowReader, rows: Iterator[Record], row: int, position: int, size: int) -> _Chunk:
    """The next rows; where they end depends on where they begin alone, so a repeated chunk is the same one."""
    changes: list[ContactChange] = []
    errors: list[RowError] = []
    count, start = 0, position
    for record in rows:
        row, position = row + 1, record.end
        if record.problem:
            count += 1
            errors.append(RowError(row, "", record.problem, excerpt(record.cells[0])))
        elif any(record.cells):
            count += 1
            change = reader.read(row, record.cells)
            if isinstance(change, ContactChange):
                changes.append(change)
            else:
                errors += change
        if count >= CHUNK_ROWS or position - start >= CHUNK_BYTES:
            return _Chunk(changes, errors, count, row, position)
    return _Chunk(changes, errors, count, row, size)
