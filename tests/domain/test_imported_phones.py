"""Phones of a contact file, as numbers of the region that the import names."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from clarion.domain.contact_merge import ContactChange
from clarion.domain.csv_columns import ImportSettings, RowReader
from clarion.domain.csv_headers import Column
from clarion.domain.row_error import RowError
from tests.shared_data import shared

COLUMNS = (Column(header="Mobile", target="phone", type="text"),)


def read(cell: str, **settings: Any) -> ContactChange | list[RowError]:
    return RowReader(COLUMNS, ImportSettings(**settings)).read(2, [cell])


def phone(cell: str, **settings: Any) -> object:
    """The phone that the row gives its contact, or the row's errors."""
    found = read(cell, **settings)
    return found.fields["phone"] if isinstance(found, ContactChange) else found


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared(f"phone_numbers/{name}.json").read_text())
    return found


def test_every_example_number_of_every_region_is_read_as_written_there() -> None:
    examples = rows("example_numbers_dev")
    assert len({row["region"] for row in examples}) > 100
    wrong = [row for row in examples if phone(row["national"], phone_region=row["region"]) != row["e164"]]
    assert wrong == []


def test_an_international_number_is_itself_wherever_the_file_is_from() -> None:
    wrong = [
        (row["international"], region)
        for row in rows("example_numbers_dev")
        for region in ("DE", "US")
        if phone(row["international"], phone_region=region) != row["e164"]
    ]
    assert wrong == []


def test_real_office_numbers_become_numbers_that_texts_can_go_to() -> None:
    offices = rows("real_us_office_numbers")
    assert [row for row in offices if phone(row["input"], phone_region="US") != row["e164"]] == []


@pytest.mark.parametrize("region", ["DE", "de"])
def test_a_national_number_is_taken_for_the_regions(region: str) -> None:
    assert phone("030 90182080", phone_region=region) == "+493090182080"
    assert phone("'+49 30 90182080", phone_region=region, from_export=True) == "+493090182080"


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("Ann", "not a phone number"),
        ("030 1", "no such number"),
        ("030 90182080 ext. 7", "an extension"),
        ("+999 12345678", "no country has this country code"),
        ("1" * 65, "too long"),
    ],
)
def test_what_is_no_number_rejects_the_row_by_column_and_reason(cell: str, complaint: str) -> None:
    found = phone(cell, phone_region="DE")
    assert isinstance(found, list)
    [error] = found
    assert (error.row, error.field) == (2, "Mobile")
    assert complaint in error.message


@pytest.mark.parametrize("cell", ["030 90182080", "+49 30 90182080", "call Ann"])
def test_without_a_region_a_phone_stays_as_it_is_written(cell: str) -> None:
    assert phone(cell) == cell


@pytest.mark.parametrize("region", ["", "XX", "Germany", "D", "001", "D" * 300])
def test_a_region_without_phone_numbers_is_refused(region: str) -> None:
    with pytest.raises(ValidationError, match="not a region with phone numbers of its own"):
        ImportSettings(phone_region=region)
