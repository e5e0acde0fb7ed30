"""Typed cells."""

import pytest

from clarion.domain.csv_types import CellType, parsed


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "00123", "00123"),
        ("text", " 1E5 ", " 1E5 "),
        ("number", "10", 10),
        ("number", " -3.50 ", -3.5),
        ("number", "1e3", 1000.0),
        ("number", "0", 0),
        ("number", "000123456789012345", 123456789012345),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("date", "2026-11-21", "2026-11-21"),
        ("date", "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00.000Z"),
        ("date", "2026-11-21 09:00", "2026-11-21T09:00:00.000Z"),
    ],
)
def test_a_cell_becomes_a_value_of_its_columns_type(kind: CellType, cell: str, value: object) -> None:
    found = parsed(cell, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("number", "1,5"),
        ("number", "409.8M"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e999"),
        ("number", "1_000"),
        ("number", "12345678901234567890"),
        ("number", "٣"),
        ("boolean", "maybe"),
        ("date", "21.11.2026"),
        ("date", "2026-02-30"),
        ("date", "0001-01-01T00:00:00+23:00"),
    ],
)
def test_a_cell_of_another_kind_is_refused(kind: CellType, cell: str) -> None:
    with pytest.raises(ValueError, match=r"not a|more than 15 digits|too large"):
        parsed(cell, kind)
