"""Segments as two independent libraries count them, and as the standard's tables say."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.segments import GSM_BASIC, GSM_EXTENSION, outside_gsm, segments_of
from tests.shared_data import shared


@pytest.fixture(scope="module")
def vectors() -> list[dict[str, str]]:
    path: Path = shared("sms_segments/segments_dev.json")
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_every_text_counts_as_the_vendors_libraries_agree(vectors):
    assert len(vectors) > 200
    counted = [(segments_of(each["text"]).encoding, segments_of(each["text"]).count) for each in vectors]
    assert counted == [(each["encoding"], each["segments"]) for each in vectors]


def test_the_alphabet_is_the_standards():
    """TS 23.038: 128 places, one of them the escape to ten more characters (the form feed among them)."""
    assert (len(GSM_BASIC), len(GSM_EXTENSION), GSM_BASIC & GSM_EXTENSION) == (127, 10, frozenset())


@pytest.mark.parametrize(("text", "encoding", "units", "count"), [
    ("", "GSM-7", 0, 1),
    ("a" * 160, "GSM-7", 160, 1),
    ("a" * 161, "GSM-7", 161, 2),
    ("a" * 306, "GSM-7", 306, 2),
    ("a" * 307, "GSM-7", 307, 3),
    ("€" * 80, "GSM-7", 160, 1),
    ("€" * 81, "GSM-7", 162, 2),
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the escape is not parted from its character
    ("日" * 70, "UCS-2", 70, 1),
    ("日" * 71, "UCS-2", 71, 2),
    ("😀" * 35, "UCS-2", 70, 1),
    ("日" * 66 + "😀" + "日" * 66, "UCS-2", 134, 3),  # nor one half of a pair from the other
    ("a – b", "UCS-2", 5, 1),
    ("é" * 160, "GSM-7", 160, 1),
    ("ç", "UCS-2", 1, 1),  # small ç is not in the alphabet, capital Ç is
])  # fmt: skip
def test_the_limits_of_a_segment(text, encoding, units, count):
    found = segments_of(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@pytest.mark.parametrize(("text", "left"), [
    ("", 160), ("a" * 100, 60), ("a" * 160, 0), ("a" * 161, 145), ("a" * 306, 0), ("日", 69), ("日" * 71, 63),
    ("a" * 152 + "€" + "a" * 152, 152),
])  # fmt: skip
def test_what_is_left_of_the_last_segment_can_be_filled_and_no_more(text, left):
    found = segments_of(text)
    assert found.left == left
    more = "a" if found.encoding == "GSM-7" else "日"
    assert segments_of(text + more * left).count == found.count
    assert segments_of(text + more * (left + 1)).count == found.count + 1


@given(st.text(max_size=400))
def test_a_text_never_needs_fewer_segments_than_its_units_fill(text):
    found = segments_of(text)
    alone, among = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[found.encoding]
    assert (found.count == 1) == (found.units <= alone)
    if found.count > 1:
        assert -(-found.units // among) <= found.count <= -(-found.units // (among - 1))
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le")) // 2


def test_the_characters_that_make_a_text_expensive_are_named():
    assert outside_gsm("10 € – “so” – 😀") == "–“”😀"
    assert outside_gsm("Grüße @ 10 €") == ""
