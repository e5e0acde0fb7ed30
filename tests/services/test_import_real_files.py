"""The import worker on files and strings that nobody here wrote."""

import csv
import io
import json

import pytest

from tests.fakes.importing import World, counts, csv_of
from tests.shared_data import shared


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("name", [p.stem for p in sorted(shared("csv_oddities/csv-spectrum/csvs").glob("*.csv"))])
def test_oddities_of_csv_arrive_as_their_json_says(world: World, name: str) -> None:
    folder = shared("csv_oddities/csv-spectrum")
    expected = json.loads((folder / "json" / f"{name}.json").read_text())
    expected = expected if isinstance(expected, list) else [expected]
    source = (folder / "csvs" / f"{name}.csv").read_bytes()
    first = next(iter(expected[0]))
    job = world.imported(source, mapping={first: "phone"}, delimiter=",")
    assert counts(job) == {"rows": len(expected), "created": len(expected)}
    found = {contact.phone: contact.attributes for contact in world.contacts()}
    for row in expected:
        phone = row.pop(first).strip()
        if name == "location_coordinates":  # the JSON's own slip
            phone = "2095257564"
        assert found[phone] == {key: value for key, value in row.items() if value}


def test_valid_addresses_are_imported_and_invalid_ones_reported_with_their_row(world: World) -> None:
    cases = json.loads(shared("email_addresses/addresses_dev.json").read_text())
    cases = [case for case in cases if case["expect"] in ("accept", "reject") and case["address"]]
    text = csv_of(["email", "n"], *([case["address"], str(n)] for n, case in enumerate(cases)))
    job = world.imported(text.encode("utf-8", "surrogatepass"))  # one case is half a surrogate pair
    accepted = [case["address"] for case in cases if case["expect"] == "accept"]
    rejected = {str(n + 2) for n, case in enumerate(cases) if case["expect"] == "reject"}
    assert {error["row"] for error in world.errors()} == rejected
    assert job.counts.created + job.counts.duplicates == len(accepted)
    assert job.counts.rejected == len(rejected)


def test_a_real_contact_list_without_addresses_is_imported_by_phone(world: World) -> None:
    source = shared("congress_contacts/contacts.csv").read_bytes()
    job = world.imported(source)
    assert counts(job) == {"rows": 537, "created": 536, "rejected": 1}
    (error,) = world.errors()
    assert "give an email or a phone" in error["message"]
    tagged = [contact for contact in world.contacts() if "instagram" in contact.tags]
    rows = list(csv.DictReader(io.StringIO(source.decode(), newline="")))
    assert len(tagged) == sum("instagram" in row["tags"].split(";") for row in rows if row["phone"])
    assert 'Jesús G. "Chuy" García' in {contact.attributes.get("official_full") for contact in world.contacts()}


@pytest.mark.parametrize("name", ["instagram_2022-09", "instagram_2022-12", "instagram_first", "top_instagram_200"])
def test_real_lists_with_repeated_headers_line_breaks_and_marks_lose_nothing(world: World, name: str) -> None:
    source = shared(f"influencers/{name}.csv").read_text(encoding="utf-8-sig")
    header, *rows = [row for row in csv.reader(io.StringIO(source, newline="")) if any(row)]
    with_phone = csv_of(["phone", *header], *([f"n{n}", *row] for n, row in enumerate(rows)))
    job = world.imported(with_phone.encode("utf-8-sig"))
    assert job.counts.created == len(rows)
    found = {contact.phone: contact.attributes for contact in world.contacts()}
    for n, row in enumerate(rows):
        assert sorted(map(str, found[f"n{n}"].values())) == sorted(cell for cell in row if cell)
    names = [" ".join(name.split()) for name in header]
    assert len(job.warnings) == len(names) - len({name for name in names if name})


def test_hostile_strings_are_stored_unchanged(world: World) -> None:
    strings = json.loads(shared("hostile_strings/blns.json").read_text())
    strings = [text for text in strings if text and len(text) <= 30_000]
    job = world.imported(csv_of(["phone", "said"], *([f"n{n}", text] for n, text in enumerate(strings))))
    assert counts(job) == {"rows": len(strings), "created": len(strings)}
    said = {contact.phone: contact.attributes["said"] for contact in world.contacts()}
    assert said == {f"n{n}": text for n, text in enumerate(strings)}
