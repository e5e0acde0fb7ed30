"""Reads CSV records from a byte stream of any length, knowing at each record where the next one begins.

RFC 4180 as Python's ``csv`` reads it in strict mode, with LF, CR or CRLF, in UTF-8 or (by its byte order mark) UTF-16.
A record that cannot be read costs that record alone: reading goes on with the physical line after its first one, so an
unclosed quote does not swallow the file.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_RECORD = 256 * 1024  # characters; a cell may have half of it (csv.field_size_limit's default)
NOT_UNICODE = re.compile("[\ud800-\udfff]")  # what undecodable bytes are read as

_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_LINE_END = ("\n", "\r")


def _half_a_unit(error: UnicodeError) -> tuple[str, int]:
    """As ``surrogatepass``, and UTF-16 that ends within a code unit ends with a lone surrogate."""
    try:
        return codecs.lookup_error("surrogatepass")(error)  # type: ignore[return-value]  # never bytes when decoding
    except UnicodeDecodeError as undecodable:
        return "\udfff", undecodable.end


codecs.register_error("clarion.surrogates", _half_a_unit)


class Record(NamedTuple):
    """``end`` is the byte offset of the next record. Where there is a ``problem``, ``cells`` is the raw first line."""

    cells: list[str]
    problem: str
    end: int


def encoding_of(head: bytes) -> tuple[str, int]:
    """Codec name and length of the byte order mark."""
    return next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), ("utf-8", 0))


def records(stream: BinaryIO, encoding: str, delimiter: str, start: int = 0) -> Iterator[Record]:
    """The records of a stream that is positioned at byte ``start``, where a record begins.

    An empty line gives a record without cells. Bytes that are not of the encoding come as lone surrogates
    (``NOT_UNICODE`` finds them).
    """
    lines = _Lines(stream, encoding, start)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            problem = _in_plain_words(str(error), lines.count)
            first = lines.keep_first()
            yield Record([first], problem, lines.position)
        else:
            yield Record(cells, "", lines.position)


def _in_plain_words(error: str, lines: int) -> str:
    if "unexpected end of data" in error:
        return "a quote that is opened in this row is never closed"
    if "expected after" in error:
        return "a quoted cell goes on after its closing quote; write a quote inside a cell twice"
    if lines > 1:
        return f"a quote that is opened in this row is not closed within {MAX_RECORD} characters"
    return f"the row has more than {MAX_RECORD} characters, or a cell more than {csv.field_size_limit()}"


class _TooLong(Exception):
    """The record at hand exceeds MAX_RECORD."""


class _Lines:
    """Physical lines with their ends; ``position`` is the byte offset after the last one handed out."""

    def __init__(self, stream: BinaryIO, encoding: str, start: int) -> None:
        self._encoding = encoding
        self._errors = "surrogateescape" if encoding == "utf-8" else "surrogatepass"
        reading = "surrogateescape" if encoding == "utf-8" else "clarion.surrogates"
        self._text = io.TextIOWrapper(stream, encoding, reading, newline="")
        self._returned: deque[str] = deque()
        self._record: list[str] = []
        self._length = 0
        self.position = start

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._text.readline(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self._record.append(line)
        self._length += len(line)
        self.position += self._bytes(line)
        if self._length > MAX_RECORD:
            raise _TooLong
        return line

    @property
    def count(self) -> int:
        """Lines of the record at hand."""
        return len(self._record)

    def begin(self) -> None:
        """What is handed out next begins a record."""
        self._record, self._length = [], 0

    def keep_first(self) -> str:
        """The record's first line; the others are taken back. Of a line that is too long, the rest is skipped."""
        first, *rest = self._record
        self.position -= sum(self._bytes(line) for line in rest)
        self._returned.extendleft(reversed(rest))
        piece = first
        while len(piece) > MAX_RECORD and not piece.endswith(_LINE_END):
            piece = self._text.readline(MAX_RECORD + 1)
            self.position += self._bytes(piece)
        return first

    def _bytes(self, line: str) -> int:
        if self._encoding == "utf-8" and line.isascii():
            return len(line)
        return len(line.encode(self._encoding, self._errors))
