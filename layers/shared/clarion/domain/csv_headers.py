"""The header row of an imported file: its columns, each with a name of its own."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import StringConstraints

from clarion.domain.csv_records import NOT_UNICODE
from clarion.domain.csv_types import CellType
from clarion.domain.model import Model
from clarion.domain.row_error import RowError

MAX_COLUMNS = 1000
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")

HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Column(Model):
    """One column: ``target`` is None when it is left out."""

    header: str
    target: str | None
    type: CellType = "text"


class BadHeader(ValueError):
    """The header row cannot be worked with; ``str`` says why."""


def named(header: Sequence[str], asked: Iterable[str]) -> tuple[list[str], list[RowError]]:
    """Names of the columns, and warnings about headers that had to be changed.

    Raises BadHeader for too many columns, and where one of those ``asked`` for (tidied) is not there.
    """
    if len(header) > MAX_COLUMNS:
        raise BadHeader(f"the file has {len(header)} columns, at most {MAX_COLUMNS} are read")
    names, warnings = _distinct([tidy(name) for name in header])
    for name in asked:
        if name not in names:
            raise BadHeader(f"there is no column {name!r} in the file")
    return names, warnings


def headers_by_target(columns: Iterable[Column]) -> dict[str, str]:
    """Which header gives what; raises BadHeader where two give the same, or a header is no text."""
    by_target: dict[str, str] = {}
    for column in columns:
        if column.target is None:
            continue
        if NOT_UNICODE.search(column.header):
            raise BadHeader("the header row is not UTF-8 (or UTF-16 with a byte order mark): save the file as UTF-8")
        if column.target in by_target:
            raise BadHeader(
                f"columns {by_target[column.target]!r} and {column.header!r} both give {column.target!r}: "
                "map one of them to another field or to null"
            )
        by_target[column.target] = column.header
    return by_target


def tidy(name: str) -> str:
    """The header without line breaks, control characters and superfluous blanks."""
    return _SPACES.sub(" ", name).strip()


def plain(name: str) -> str:
    """``emailaddress`` for ``E-Mail address``: how headers and words are recognised."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _distinct(header: Sequence[str]) -> tuple[list[str], list[RowError]]:
    names: list[str] = []
    warnings = []
    for number, given in enumerate(header, start=1):
        name = wanted = given or f"column_{number}"
        copy = 1
        while name in names or (name != given and name in header):
            copy += 1
            name = f"{wanted}_{copy}"
        if not given:
            warnings.append(RowError(1, name, f"column {number} has no header and is kept as {name!r}"))
        elif name != given:
            warnings.append(RowError(1, given, f"column {number} repeats a header and is kept as {name!r}", given))
        names.append(name)
    return names, warnings
