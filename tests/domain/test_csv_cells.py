"""Cells a spreadsheet would run are made harmless, and come back as they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.csv_cells import csv_text, harmless, original

CELLS = st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n\"; ,"), st.characters(exclude_categories=["Cs"])))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=cmd|' /C calc'!A0"])
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "text", "a=b", "1-2", "'quoted'", "ann@example.com"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell == original(cell)


@given(CELLS)
def test_taking_the_apostrophe_off_is_the_exact_reverse(cell: str) -> None:
    assert original(harmless(cell)) == cell


@given(CELLS)
def test_no_harmless_cell_starts_like_a_formula(cell: str) -> None:
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5))
def test_csv_text_reads_back(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(rows), newline=""), strict=True))
    assert [[original(cell) for cell in row] for row in read] == rows
