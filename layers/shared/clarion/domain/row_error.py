"""What is wrong with a row of an imported file, as its error list says it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from clarion.domain.csv_records import NOT_UNICODE


class RowError(NamedTuple):
    """What is wrong with one row: ``row`` as a spreadsheet counts (the header is row 1), ``field`` may be empty."""

    row: int
    field: str
    message: str
    value: str = ""


def row_errors(row: int, error: ValidationError, headers: Mapping[str, str] | None = None) -> list[RowError]:
    """pydantic's findings about one row; ``headers`` names the columns of fields."""
    errors = []
    for found in error.errors(include_url=False):
        name = str(found["loc"][0])
        message = found["msg"].removeprefix("Value error, ")
        errors.append(RowError(row, (headers or {}).get(name, name), message, excerpt(found.get("input"))))
    return errors


def excerpt(value: Any) -> str:
    """A value short enough for an error report; what is no Unicode text shows as ``�``."""
    text = "" if value is None or isinstance(value, dict | list | tuple) else str(value)
    text = NOT_UNICODE.sub("\ufffd", text)
    return text if len(text) <= 100 else f"{text[:99]}…"
