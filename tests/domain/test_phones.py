"""Phone numbers: real and exemplary ones parse as libphonenumber's own, the rest is refused in plain words."""

import json
from typing import Any

import pytest

from clarion.domain.phones import is_e164, key_of_phone, parse_phone, without_numbers
from tests.shared_data import shared


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared(f"phone_numbers/{name}.json").read_text())
    return found


def test_every_form_of_every_example_number_is_the_same_number():
    wrong = []
    for row in rows("example_numbers_dev"):
        forms = [
            (row["national"], row["region"]),
            *((row[form], None) for form in ("international", "rfc3966", "e164")),
        ]
        wrong += [(text, row["e164"]) for text, region in forms if parse_phone(text, region) != row["e164"]]
        assert is_e164(row["e164"])
    assert wrong == []


def test_real_office_numbers_are_known_with_their_region_and_unknown_without():
    offices = rows("real_us_office_numbers")
    assert len(offices) > 1_000
    assert [row for row in offices if parse_phone(row["input"], "us") != row["e164"]] == []
    assert {key_of_phone(row["input"]) for row in offices} == {None}


@pytest.mark.parametrize(("text", "number"), [
    (" +49 (30) 90182080 ", "+493090182080"),
    ("+49 (0)30 90182080", "+493090182080"),
    ("tel:+1-201-309-0301", "+12013090301"),
    ("＋49 30 90182080", "+493090182080"),
    ("+1 800 FLOWERS", "+18003569377"),
])  # fmt: skip
def test_a_number_may_be_written_in_many_ways(text, number):
    assert parse_phone(text) == number == key_of_phone(text)


@pytest.mark.parametrize(("text", "region", "complaint"), [
    ("030 90182080", None, "without its country code"),
    ("0049 30 90182080", None, "without its country code"),
    ("12013090301", None, "without its country code"),
    ("+999 12345678", None, "no country has this country code"),
    ("", None, "not a phone number"),
    ("Ann", None, "not a phone number"),
    ("+49", None, "not a phone number"),
    ("+49 30 1", None, "no such number"),
    ("+1 201 309 03011", None, "no such number"),
    ("1", "DE", "not a phone number"),
    ("+49" + "1" * 20, None, "too long"),
    ("9" * 65, "DE", "too long"),
    ("+1 201 309 0301 ext. 5", None, "an extension"),
    ("030 90182080", "Germany", "not a region"),
    ("030 90182080", "XX", "not a region"),
])  # fmt: skip
def test_what_is_no_number_is_refused_with_the_reason(text, region, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_phone(text, region)


@pytest.mark.parametrize(
    "text", ["+49309018208\n", "49309018208", "+0123456789", "+4930901820801234", "+٤٩٣٠٩٠١٨٢٠", ""]
)
def test_the_form_of_an_e164_number_is_strict(text):
    assert not is_e164(text)


def test_numbers_are_left_out_of_what_vendors_say():
    said = "The 'To' number +15558675310 (also 555-867-5310) is not valid: error 21211"
    assert without_numbers(said) == "The 'To' number … (also …) is not valid: error 21211"
