"""How a contact file is written: encoding, delimiter and columns, found out from its first bytes."""

import io
from collections.abc import Sequence
from typing import NamedTuple

from clarion.domain.contact_import import FileLayout
from clarion.domain.contact_merge import RowError
from clarion.domain.csv_columns import BadHeader, ImportSettings, columns_of, recognised
from clarion.domain.csv_records import MAX_RECORD, Record, encoding_of, records
from clarion.domain.stored_file import StoredFile

HEAD_BYTES = 4 * MAX_RECORD
_DELIMITERS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"


class Header(NamedTuple):
    """The header row is number ``row`` and ends at byte ``end``."""

    layout: FileLayout
    row: int
    end: int
    warnings: list[RowError]


def layout_of(head: bytes, file: StoredFile, settings: ImportSettings) -> Header:
    """The layout of a file that begins with ``head``. Raises BadHeader."""
    if head.startswith(_ZIP):
        raise BadHeader("this is an Excel or ZIP file: save it as CSV")
    encoding, mark = encoding_of(head)
    delimiters: Sequence[str] = (settings.delimiter,) if settings.delimiter else _DELIMITERS
    tried = [(delimiter, *_first(head, encoding, mark, delimiter)) for delimiter in delimiters]
    # The delimiter that makes sense of most headers; the first one where several do.
    delimiter, row, record = max(tried, key=lambda each: (recognised(each[2].cells), len(each[2].cells)))
    if record.problem:
        raise BadHeader(f"the header row cannot be read: {record.problem}")
    columns, warnings = columns_of(record.cells, settings)
    layout = FileLayout(etag=file.etag, size=file.size, encoding=encoding, delimiter=delimiter, columns=tuple(columns))
    return Header(layout, row, record.end, warnings)


def _first(head: bytes, encoding: str, mark: int, delimiter: str) -> tuple[int, Record]:
    stream = io.BytesIO(head)
    stream.seek(mark)
    for row, record in enumerate(records(stream, encoding, delimiter, mark), start=1):
        if any(record.cells):
            return row, record
    raise BadHeader("the file is empty")
