"""The import worker: reads a file chunk by chunk and keeps, after each, how far it has come.

Position, row number and counts move in one conditional write. What a worker did after its last such write is done again
by the next one and changes nothing: what is stored remembers which rows touched it (`Rows.apply`), and a chunk's errors
go to a file whose name is the chunk's. A second worker on the same import loses that write and stops.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Generic, NamedTuple, Protocol, TypeVar

from clarion.domain.contact_import import ContactImport
from clarion.domain.csv_cells import csv_text
from clarion.domain.csv_headers import BadHeader
from clarion.domain.csv_layout import HEAD_BYTES, Header
from clarion.domain.csv_records import Record, records
from clarion.domain.errors import Stale
from clarion.domain.import_job import FileLayout
from clarion.domain.row_error import RowError, excerpt
from clarion.domain.stored_file import FileReplaced, StoredFile
from clarion.domain.suppression_import import SuppressionImport
from clarion.services.checkpoint import keep
from clarion.services.imports import ImportFiles, Imports, J, JobQueue

CHUNK_ROWS = 1000
CHUNK_BYTES = 4 * 1024 * 1024
SPARE_MS = 30_000  # no further chunk is begun when less is left
_ERROR_HEADER = ("row", "field", "message", "value")

C = TypeVar("C")
"""What one row asks for."""
K = TypeVar("K", ContactImport, SuppressionImport, contravariant=True)


class Files(Protocol):
    def info(self, key: str) -> StoredFile | None: ...
    def open(self, key: str, file: StoredFile, start: int = 0) -> BinaryIO:
        """Reading raises FileReplaced when the file is another one now."""

    def read(self, key: str) -> bytes: ...
    def write(self, key: str, body: bytes) -> None: ...
    def write_all(self, key: str, pieces: Iterable[bytes]) -> None: ...


class Applied(NamedTuple):
    """Rows by outcome, as the import's counts name them, and what was wrong with those that were rejected."""

    counts: Mapping[str, int]
    errors: list[RowError]


class Rows(Protocol[K, C]):
    """What the files of one kind hold, and where it goes."""

    def header(self, job: K, head: bytes, file: StoredFile) -> Header:
        """How a file that begins with ``head`` is written. Raises BadHeader."""

    def reader(self, job: K, layout: FileLayout) -> Callable[[int, Sequence[str]], C | list[RowError]]:
        """Makes of a row's number and cells what it asks for, or everything that is wrong with it."""

    def apply(self, org_id: str, job: K, changes: Sequence[C], now: datetime) -> Applied:
        """Store what the rows ask for; rows that were applied before change nothing and have the same outcome."""


@dataclass(frozen=True)
class _Chunk(Generic[C]):
    """``rows`` counts those that are not empty; ``row`` and ``position`` are where the chunk ends."""

    changes: list[C]
    errors: list[RowError]
    rows: int
    row: int
    position: int


class ImportRun(Generic[J, C]):
    def __init__(
        self, imports: Imports[J], files: Files, rows: Rows[J, C], queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        self._imports: Imports[J] = imports
        self._rows: Rows[J, C] = rows
        self._files, self._queue, self._clock = files, queue, clock

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

    def _go_on(self, org_id: str, job: J, remaining_ms: Callable[[], int]) -> None:
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

    def _begun(self, org_id: str, job: J) -> J:
        key = ImportFiles(org_id, job.id).upload
        file = self._files.info(key)
        if file is None:
            raise BadHeader("there is no uploaded file")
        with self._files.open(key, file) as stream:
            head = stream.read(HEAD_BYTES)
        header = self._rows.header(job, head, file)
        begun = job.begun(header.layout, header.end, header.row, header.warnings, self._clock())
        return keep(self._imports, org_id, begun)

    def _chunks(self, org_id: str, job: J) -> Iterator[_Chunk[C]]:
        layout = job.layout
        if layout is None or job.position >= layout.size:
            return
        read = self._rows.reader(job, layout)
        file = StoredFile(layout.size, layout.etag)
        with self._files.open(ImportFiles(org_id, job.id).upload, file, job.position) as stream:
            rows = records(stream, layout.encoding, layout.delimiter, job.position)
            row, position = job.row, job.position
            while position < layout.size:
                chunk = _chunk(read, rows, row, position, layout.size)
                row, position = chunk.row, chunk.position
                yield chunk

    def _stored(self, org_id: str, job: J, chunk: _Chunk[C]) -> J:
        applied: Applied = self._rows.apply(org_id, job, chunk.changes, self._clock())
        errors = [*chunk.errors, *applied.errors]
        if errors:
            errors.sort(key=lambda error: error.row)
            part = ImportFiles(org_id, job.id).error_part(job.error_parts + 1)
            self._files.write(part, csv_text([str(cell) for cell in error] for error in errors).encode())
        counts = Counter(applied.counts)
        counts["rows"] += chunk.rows
        counts["rejected"] += len({error.row for error in chunk.errors})
        advanced = job.advanced(chunk.position, chunk.row, counts, errors, self._clock())
        return keep(self._imports, org_id, advanced)

    def _finish(self, org_id: str, job: J, failure: str | None = None) -> None:
        if job.error_parts:
            self._files.write_all(ImportFiles(org_id, job.id).errors, self._error_list(org_id, job))
        now = self._clock()
        keep(self._imports, org_id, job.failed(failure, now) if failure else job.completed(now))

    def _error_list(self, org_id: str, job: J) -> Iterator[bytes]:
        yield csv_text([_ERROR_HEADER]).encode()
        for number in range(1, job.error_parts + 1):
            yield self._files.read(ImportFiles(org_id, job.id).error_part(number))


def _chunk(
    read: Callable[[int, Sequence[str]], C | list[RowError]], rows: Iterator[Record], row: int, position: int, size: int
) -> _Chunk[C]:
    """The next rows; where they end depends on where they begin alone, so a repeated chunk is the same one."""
    changes: list[C] = []
    errors: list[RowError] = []
    count, start = 0, position
    for record in rows:
        row, position = row + 1, record.end
        if record.problem:
            count += 1
            errors.append(RowError(row, "", record.problem, excerpt(record.cells[0])))
        elif any(record.cells):
            count += 1
            change = read(row, record.cells)
            if isinstance(change, list):
                errors += change
            else:
                changes.append(change)
        if count >= CHUNK_ROWS or position - start >= CHUNK_BYTES:
            return _Chunk(changes, errors, count, row, position)
    return _Chunk(changes, errors, count, row, size)
