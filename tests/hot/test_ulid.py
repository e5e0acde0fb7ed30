import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from clarion.hot import ulid


@given(st.binary(min_size=16, max_size=16))
def test_text_and_bytes_agree_with_the_reference_library(raw: bytes) -> None:
    reference = ULID.from_bytes(raw)
    assert ulid.to_text(raw) == str(reference)
    assert ulid.to_bytes(str(reference)) == raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "01j8z3k9x4m5n6p7q8r9s0t1v2",  # not canonical
        "01J8Z3K9X4M5N6P7Q8R9S0T1V",  # one short
        "01J8Z3K9X4M5N6P7Q8R9S0T1V2W",  # one long
        "81J8Z3K9X4M5N6P7Q8R9S0T1V2",  # more than 128 bits
        "01J8Z3K9X4M5N6P7Q8R9S0T1VU",  # U is no digit
        "0_J8Z3K9X4M5N6P7Q8R9S0T1V2",  # int() would read these two
        "+1J8Z3K9X4M5N6P7Q8R9S0T1V2",
        "٠1J8Z3K9X4M5N6P7Q8R9S0T1V2",
    ],
)
def test_anything_but_a_canonical_ulid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a ULID"):
        ulid.to_bytes(text)


def test_a_new_one_holds_its_moment_and_differs_from_the_next() -> None:
    first, second = ulid.new(1_795_251_600_123), ulid.new(1_795_251_600_123)
    assert ULID.from_str(first).milliseconds == 1_795_251_600_123
    assert first != second
    assert first < ulid.new(1_795_251_600_124)
