"""Records and the bytes they end at."""

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.csv_records import MAX_RECORD, Record, encoding_of, records

CELLS = st.text(alphabet=st.one_of(st.sampled_from('",\r\n é😀\x85\u2028'), st.characters(exclude_categories=["Cs"])))


def read(body: bytes, encoding: str = "utf-8", start: int = 0) -> list[Record]:
    stream = io.BytesIO(body)
    stream.seek(start)
    return list(records(stream, encoding, ",", start))


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_every_record_can_be_read_from_the_end_of_the_one_before(rows: list[list[str]], codec: str, end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    body = text.getvalue().encode(codec)
    found = read(body, codec)
    assert [record.cells for record in found] == rows
    assert found[-1].end == len(body)
    for n, record in enumerate(found):
        assert read(body, codec, record.end) == found[n + 1 :]


def test_an_unclosed_quote_costs_its_own_line_alone() -> None:
    found = read(b'a,b\n1,"oops\n2,x\n3,y\n')
    assert [record.cells for record in found if not record.problem] == [["a", "b"], ["2", "x"], ["3", "y"]]
    assert [(record.problem, record.end) for record in found if record.problem] == [
        ("a quote that is opened in this row is never closed", 12)
    ]


def test_a_quote_that_closes_in_a_later_row_is_found_where_it_was_opened() -> None:
    found = read(b'1,"oops\n2,"x"\n3,y\n')
    assert [bool(record.problem) for record in found] == [True, False, False]
    assert found[1].cells == ["2", "x"]


@pytest.mark.parametrize("line", [b"x" * (MAX_RECORD + 5), b"x" * (3 * MAX_RECORD), b"x" * 200_000])
def test_a_line_that_is_too_long_is_skipped_and_told(line: bytes) -> None:
    body = b"a\n" + line + b"\nb\n"
    found = read(body)
    assert [record.problem[:12] for record in found] == ["", "the row has ", ""]
    assert (found[2].cells, found[2].end) == (["b"], len(body))


def test_a_quote_left_open_before_very_much_text_is_given_up_within_bounds() -> None:
    body = b'1,"open\n' + b"2,x\n" * MAX_RECORD
    lines = itertools.islice(records(io.BytesIO(body), "utf-8", ","), 3)
    assert [(bool(record.problem), record.cells) for record in lines] == [
        (True, ['1,"open\n']),
        (False, ["2", "x"]),
        (False, ["2", "x"]),
    ]


def test_a_giant_line_after_an_open_quote_is_told_too() -> None:
    body = b'1,"open\n' + b"y" * (2 * MAX_RECORD) + b"\n3,z\n"
    found = read(body)
    assert [bool(record.problem) for record in found] == [True, True, False]
    assert found[2] == Record(["3", "z"], "", len(body))


def test_bytes_that_are_no_text_are_kept_apart_without_losing_count() -> None:
    body = b"a,\xff\xfe\nb,c\n"
    assert read(body) == [Record(["a", "\udcff\udcfe"], "", 5), Record(["b", "c"], "", 9)]


def test_utf16_that_breaks_off_or_holds_half_a_pair_goes_on() -> None:
    body = "a,".encode("utf-16-le") + b"\x00\xd8\n\x00b\x00,\x00c\x00x"
    assert [record.cells for record in read(body, "utf-16-le")] == [["a", "\ud800"], ["b", "c\udfff"]]


@pytest.mark.parametrize(
    ("head", "expected"),
    [(b"a,b", ("utf-8", 0)), (b"\xef\xbb\xbfa", ("utf-8", 3)), (b"\xff\xfea\0", ("utf-16-le", 2))],
)
def test_the_byte_order_mark_names_the_encoding(head: bytes, expected: tuple[str, int]) -> None:
    assert encoding_of(head) == expected
