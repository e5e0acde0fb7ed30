"""The import worker: what rows do, how files are read, what is reported."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.import_job import ImportStatus
from clarion.services import import_run
from clarion.services.imports import ImportFiles
from tests.fakes.importing import IMPORT, NOW, ORG, SECOND, World, counts, csv_of


@pytest.fixture
def world() -> World:
    return World()


def test_rows_become_contacts_with_fields_attributes_tags_and_consent(world: World) -> None:
    job = world.imported(
        "E-mail,First name,Zip,recency,VIP,since,tags,consent.email\n"
        "Ann@Example.com,Ann,00123,10,yes,2026-01-02,b;a,granted\n",
        types={"recency": "number", "VIP": "boolean", "since": "date"},
        tags=["spring"],
    )
    assert job.status == ImportStatus.COMPLETED
    assert counts(job) == {"rows": 1, "created": 1}
    ann = world.contact("ann@example.com")
    assert (ann.email, ann.first_name, ann.tags) == ("Ann@Example.com", "Ann", ("a", "b", "spring"))
    assert ann.attributes == {"Zip": "00123", "recency": 10, "VIP": True, "since": "2026-01-02"}
    assert ann.consent == {"email": "granted", "sms": "unknown"}
    assert ann.consent_at == {"email": NOW}


def test_a_mapping_renames_and_leaves_out_columns(world: World) -> None:
    world.imported(
        "Contact,Kundennr,geheim\nann@example.com,7,x\n",
        mapping={"Contact": "email", "Kundennr": "attributes.customer", "geheim": None},
    )
    assert world.contact("ann@example.com").attributes == {"customer": "7"}


def test_columns_of_the_file_win_and_what_it_does_not_say_stays(world: World) -> None:
    world.imported("email,firstName,lastName,a,b\nann@example.com,Ann,Lee,1,2\n")
    job = world.imported("email,firstName,lastName,b,c\nANN@example.com,Anne,,3,4\n", SECOND)
    assert counts(job) == {"rows": 1, "updated": 1}
    (ann,) = world.contacts()
    assert (ann.email, ann.first_name, ann.last_name) == ("ANN@example.com", "Anne", "Lee")
    assert ann.attributes == {"a": "1", "b": "3", "c": "4"}
    assert ann.version == 2


def test_a_row_that_says_nothing_new_leaves_its_contact_as_it_is(world: World) -> None:
    world.imported("email,a\nann@example.com,1\n")
    world.time += timedelta(days=1)
    job = world.imported("email,a\nann@example.com,1\n", SECOND)
    assert counts(job) == {"rows": 1, "unchanged": 1}
    assert (world.contact("ann@example.com").version, world.contact("ann@example.com").updated_at) == (1, NOW)


def test_a_later_row_of_the_same_address_adds_to_the_earlier_and_counts_as_duplicate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 2)
    rows = ["ann@example.com,1,", "ANN@example.com,,2", "bob@example.com,5,", "Ann@EXAMPLE.com,3,"]
    job = world.imported("email,a,b\n" + "\n".join(rows))
    assert counts(job) == {"rows": 4, "created": 2, "duplicates": 2}
    assert world.contact("ann@example.com").attributes == {"a": "3", "b": "2"}


def test_an_import_never_revives_who_opted_out(world: World) -> None:
    world.imported("email,unsubscribed\nann@example.com,yes\nbob@example.com,no\n", consent={"email": "granted"})
    assert world.contact("ann@example.com").consent["email"] == "denied"
    assert world.contact("bob@example.com").consent["email"] == "granted"
    world.imported("email,consent.email\nann@example.com,granted\nbob@example.com,denied\n", SECOND)
    assert world.contact("ann@example.com").consent["email"] == "denied"
    assert world.contact("bob@example.com").consent["email"] == "denied"


def test_every_bad_row_is_reported_by_its_number_and_the_others_go_on(world: World) -> None:
    job = world.imported(
        b"email,timezone,recency\n"  # row 1
        b"ann@example.com,Europe/Berlin,1\n"
        b"no address,,1\n"
        b"bob@example.com,Mars/Olympus,many\n"
        b"\n"
        b"short@example.com\n"
        b"cy@example.com,,2,extra\n"
        b'dan@example.com,"unclosed,3\n'
        b"eve@example.com,,\xff\xfe\n"
        b",,5\n"
        b'fay@example.com,,"6"7\n'
        b"gus@example.com,,8\n",
        types={"recency": "number"},
    )
    assert counts(job) == {"rows": 10, "created": 2, "rejected": 8}
    assert {contact.email for contact in world.contacts()} == {"ann@example.com", "gus@example.com"}
    found = [(error["row"], error["field"], error["value"]) for error in world.errors()]
    assert found == [
        ("3", "email", "no address"),
        ("4", "recency", "many"),
        ("6", "", "short@example.com"),
        ("7", "", "cy@example.com,,2,extra"),
        ("8", "", 'dan@example.com,"unclosed,3\n'),
        ("9", "recency", "��"),
        ("10", "email", ""),
        ("11", "", 'fay@example.com,,"6"7\n'),
    ]
    assert "give an email or a phone" in world.errors()[6]["message"]
    assert [problem.row for problem in job.first_errors] == [int(row) for row, _, _ in found]


def test_phones_are_read_as_numbers_of_the_files_region_and_those_that_are_none_are_told(world: World) -> None:
    numbers = {"ann": "030 90182080", "bob": "+1 201-309-0301", "cy": "12", "dan": ""}
    text = csv_of(["email", "phone"], *([f"{name}@example.com", number] for name, number in numbers.items()))
    job = world.imported(text, phone_region="DE")
    assert counts(job) == {"rows": 4, "created": 3, "rejected": 1}
    phones = {contact.email: (contact.phone, contact.phone_key) for contact in world.contacts()}
    assert phones == {
        "ann@example.com": ("+493090182080", "+493090182080"),
        "bob@example.com": ("+12013090301", "+12013090301"),
        "dan@example.com": (None, None),
    }
    [error] = world.errors()
    assert (error["row"], error["field"], error["value"]) == ("4", "phone", "12")
    again = world.imported(text, SECOND, phone_region="DE")
    assert counts(again) == {"rows": 4, "unchanged": 3, "rejected": 1}


def test_the_error_list_cannot_run_formulas(world: World) -> None:
    world.imported("email\n=HYPERLINK(1)\n@SUM(1)\n")
    assert [error["value"] for error in world.errors()] == ["'=HYPERLINK(1)", "'@SUM(1)"]


@pytest.mark.parametrize(
    ("text", "settings", "failure"),
    [
        (b"", {}, "the file is empty"),
        (b"\n\n", {}, "the file is empty"),
        (b"PK\x03\x04rest", {}, "Excel or ZIP"),
        (b"name,age\nAnn,7\n", {}, "no column gives an email or a phone"),
        (b"Email,E-Mail\na@example.com,b@example.com\n", {}, "columns 'Email' and 'E-Mail' both give 'email'"),
        (b"email,a\n", {"mapping": {"b": "phone"}}, "there is no column 'b'"),
        (b"email,a\n", {"types": {"email": "number"}}, "cannot have a type"),
        (b'email,"a\n', {}, "the header row cannot be read"),
        (b"email,caf\xe9\n", {}, "the header row is not UTF-8"),
        (b"email," + b"x" * 200 + b"\n", {}, "more than 128 characters"),
        (b"," * 1000 + b"email\n", {}, "1001 columns"),
    ],
)
def test_a_header_that_makes_no_sense_fails_the_import_and_says_why(
    world: World, text: bytes, settings: dict[str, Any], failure: str
) -> None:
    job = world.imported(text, **settings)
    assert job.status == ImportStatus.FAILED
    assert failure in str(job.failure)
    assert world.contacts() == []


def test_repeated_and_empty_headers_are_told_and_kept_apart(world: World) -> None:
    job = world.imported("email,score,,score\nann@example.com,1,2,3\n")
    assert world.contact("ann@example.com").attributes == {"score": "1", "column_3": "2", "score_2": "3"}
    assert [(warning.row, warning.field) for warning in job.warnings] == [(1, "column_3"), (1, "score")]


def test_a_repeated_message_changes_nothing(world: World) -> None:
    world.imported("email\nann@example.com\nbad\n")
    job, contacts = world.job(), world.contacts()
    world.queue.send(ORG, IMPORT)
    world.work()
    assert (world.job(), world.contacts()) == (job, contacts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_common_encodings_delimiters_and_line_ends_are_recognised_wherever_a_worker_begins(
    world: World, encoding: str, delimiter: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 1)
    text = io.StringIO(newline="")
    rows = [["email", "Größe", "note"], ["ann@example.com", "ʤ 1,5", "x\ny;"], ["bob@example.com", "😀", ""]]
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    world.start(text.getvalue().encode(encoding))
    assert world.work_in_steps() == 2
    assert counts(world.job()) == {"rows": 2, "created": 2}
    assert world.contact("ann@example.com").attributes == {"Größe": "ʤ 1,5", "note": "x\ny;"}
    assert world.contact("bob@example.com").attributes == {"Größe": "😀"}


def test_a_worker_short_of_time_queues_the_rest_and_the_next_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 10)
    world.start("email\n" + "".join(f"c{n}@example.com\n" for n in range(35)))
    assert world.work_in_steps() == 4
    assert world.job().status == ImportStatus.COMPLETED
    assert counts(world.job()) == {"rows": 35, "created": 35}


def test_a_file_that_is_replaced_meanwhile_fails_the_import_and_lists_the_errors_so_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 1)
    world.start("email\nbad\nann@example.com\n")
    left = iter([300_000])
    world.worker().run(*world.queue.waiting.popleft(), lambda: next(left, 0))
    world.files.write(ImportFiles(ORG, IMPORT).upload, b"email\nother@example.com\n")
    world.work()
    assert world.job().failure == "the file was replaced while it was imported"
    assert [error["row"] for error in world.errors()] == ["2"]
