"""How an imported file is written: encoding, delimiter and columns, found out from its first bytes."""

import io
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from clarion.domain.csv_headers import BadHeader, Column
from clarion.domain.csv_records import MAX_RECORD, Record, encoding_of, records
from clarion.domain.import_job import FileLayout
from clarion.domain.row_error import RowError
from clarion.domain.stored_file import StoredFile

HEAD_BYTES = 4 * MAX_RECORD
_DELIMITERS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"


class Columns(Protocol):
    """What the headers of one kind of file mean."""

    def recognised(self, header: Sequence[str]) -> int:
        """How many of these headers are known by themselves: tells a delimiter that fits from one that does not."""

    def of(self, header: Sequence[str]) -> tuple[list[Column], list[RowError]]:
        """The columns, and warnings about headers that had to be changed. Raises BadHeader."""


class Header(NamedTuple):
    """The header row is number ``row`` and ends at byte ``end``."""

    layout: FileLayout
    row: int
    end: int
    warnings: list[RowError]


def layout_of(head: bytes, file: StoredFile, delimiter: str | None, kind: Columns) -> Header:
    """The layout of a file that begins with ``head``, found out where no ``delimiter`` is given. Raises BadHeader."""
    if head.startswith(_ZIP):
        raise BadHeader("this is an Excel or ZIP file: save it as CSV")
    encoding, mark = encoding_of(head)
    delimiters: Sequence[str] = (delimiter,) if delimiter else _DELIMITERS
    tried = [(each, *_first(head, encoding, mark, each)) for each in delimiters]
    # The delimiter that makes sense of most headers; the first one where several do.
    found, row, record = max(tried, key=lambda each: (kind.recognised(each[2].cells), len(each[2].cells)))
    if record.problem:
        raise BadHeader(f"the header row cannot be read: {record.problem}")
    columns, warnings = kind.of(record.cells)
    layout = FileLayout(etag=file.etag, size=file.size, encoding=encoding, delimiter=found, columns=tuple(columns))
    return Header(layout, row, record.end, warnings)


def _first(head: bytes, encoding: str, mark: int, delimiter: str) -> tuple[int, Record]:
    stream = io.BytesIO(head)
    stream.seek(mark)
    for row, record in enumerate(records(stream, encoding, delimiter, mark), start=1):
        if any(record.cells):
            return row, record
    raise BadHeader("the file is empty")
