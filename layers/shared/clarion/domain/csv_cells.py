"""Cells that a spreadsheet would run as a formula, made harmless and back.

OWASP "CSV Injection" (owasp.org/www-community/attacks/CSV_Injection): a cell that starts with ``= + - @``, tab or
carriage return gets a leading apostrophe. A cell that already has apostrophes before such a character gets one more,
so taking one away is the exact reverse.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RISKY = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """The cell as a spreadsheet may open it."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def original(cell: str) -> str:
    """The cell that ``harmless`` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text of rows, each cell harmless."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
