"""Cells of typed columns. A column without a type stays text: ``00123`` is a zip code, ``1E5`` a product code."""

import math
import re
from datetime import date, datetime
from typing import Literal

from clarion.clock import stamp

CellType = Literal["text", "number", "boolean", "date"]

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "f"), False),
}


def parsed(cell: str, kind: CellType) -> str | float | bool:
    """The JSON value of a cell; ValueError says what was expected."""
    match kind:
        case "number":
            return number(cell)
        case "boolean":
            return boolean(cell)
        case "date":
            return day_or_time(cell)
    return cell


def number(cell: str) -> float:
    """``-12`` as int, ``142.44`` as float; more digits than a JSON number keeps are refused."""
    text = cell.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number, such as 12 or -3.5")
    if sum(c.isdigit() for c in text.lower().partition("e")[0].lstrip("+-0.")) > 15:
        raise ValueError("more than 15 digits, which a number does not keep: read the column as text")
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    if math.isinf(value):
        raise ValueError("too large for a number")
    return value


def boolean(cell: str) -> bool:
    """true, yes, y, t, 1 and their opposites, in any case."""
    try:
        return _WORDS[cell.strip().lower()]
    except KeyError:
        raise ValueError("not a yes or no, such as true, false, 1 or 0") from None


def day_or_time(cell: str) -> str:
    """ISO 8601: ``2026-11-21`` stays a day; a time is given in UTC, and is UTC where it names no offset."""
    text = cell.strip()
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
        return stamp(moment if moment.tzinfo else datetime.fromisoformat(f"{text}+00:00"))
    except (ValueError, OverflowError):
        raise ValueError("not a date, such as 2026-11-21 or 2026-11-21T09:00:00Z") from None
