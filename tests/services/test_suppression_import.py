"""Imports of suppressed addresses: what rows do, and that a kill at any call changes nothing."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.csv_suppressions import SuppressionImportSettings, SuppressionRow
from clarion.domain.import_job import ImportStatus
from clarion.domain.suppression import Suppression
from clarion.domain.suppression_import import SuppressionImport
from clarion.services import import_run
from clarion.services.import_run import ImportRun
from clarion.services.imports import ImportFiles
from clarion.services.suppression_imports import ImportedSuppressions, SuppressionImportService
from clarion.storage.suppressions import SuppressionTable
from tests.fakes.files import FilesInMemory
from tests.fakes.jobs import Fuse, JobQueueInMemory, JobsInMemory, Killed
from tests.fakes.table import TableInMemory

ORG, IMPORT, SECOND = "01J00000000000000000000ACM", "01J0000000000000000000IMP1", "01J0000000000000000000IMP2"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KNOWN = Suppression(address="old@example.com", channel="email", reason="complaint", source="ses", created_at=NOW)


class World:
    """One organisation's suppression list, with one address on it. The clock stands still."""

    def __init__(self) -> None:
        self.table, self.files = TableInMemory(), FilesInMemory()
        self.jobs, self.queue = JobsInMemory(SuppressionImport), JobQueueInMemory()
        self.service = SuppressionImportService(self.jobs, self.files, self.queue, lambda: NOW)
        SuppressionTable(self.table).add(ORG, KNOWN)

    def start(self, text: str | bytes, import_id: str = IMPORT, **settings: Any) -> None:
        self.service.start(ORG, import_id, "u-owner", SuppressionImportSettings(**settings))
        self.files.write(ImportFiles(ORG, import_id).upload, text.encode() if isinstance(text, str) else text)
        self.service.run(ORG, import_id)

    def worker(self, wrap: Callable[[Any], Any] = lambda thing: thing) -> ImportRun[SuppressionImport, SuppressionRow]:
        rows = ImportedSuppressions(SuppressionTable(wrap(self.table)))
        return ImportRun(wrap(self.jobs), wrap(self.files), rows, wrap(self.queue), lambda: NOW)

    def work(self, fuse: Fuse | None = None) -> None:
        worker = self.worker(fuse.wrap if fuse else lambda thing: thing)
        for org, import_id in self.queue:
            try:
                worker.run(org, import_id, lambda: 300_000)
            except Killed:
                self.queue.send(org, import_id)
                raise

    def imported(self, text: str | bytes, import_id: str = IMPORT, **settings: Any) -> SuppressionImport:
        self.start(text, import_id, **settings)
        self.work()
        return self.job(import_id)

    def job(self, import_id: str = IMPORT) -> SuppressionImport:
        return self.jobs.get(ORG, import_id)

    def reasons(self, channel: Any = "email") -> dict[str, str]:
        found, _ = SuppressionTable(self.table).list(ORG, channel, 100_000)
        return {each.address: each.reason for each in found}

    def errors(self) -> list[dict[str, str]]:
        body = self.files.objects[ImportFiles(ORG, IMPORT).errors].decode()
        return list(csv.DictReader(io.StringIO(body, newline="")))


def counts(job: SuppressionImport) -> dict[str, int]:
    return {name: number for name, number in job.counts.model_dump().items() if number}


@pytest.fixture
def world() -> World:
    return World()


def test_rows_suppress_addresses_for_their_reason_or_the_imports(world: World) -> None:
    job = world.imported(
        "E-Mail;Name;Suppression reason\nAnn@Example.com;Ann;BOUNCE\nbob@example.com;;Spam report\n"
        "cy@example.com;;\n'dan@example.com;;opted out\n",
        reason="unsubscribed",
    )
    assert (job.status, counts(job)) == (ImportStatus.COMPLETED, {"rows": 4, "added": 4})
    assert world.reasons() == {
        "'dan@example.com": "opt_out",
        "ann@example.com": "hard_bounce",
        "bob@example.com": "complaint",
        "cy@example.com": "unsubscribed",
        "old@example.com": "complaint",
    }


def test_a_row_may_name_its_channel_and_a_number_may_be_guarded_against_spreadsheets(world: World) -> None:
    world.imported("channel,address\nsms,'+49 30 90182080\nemail,ann@example.com\n,+442079460958\n", channel="sms")
    assert set(world.reasons("sms")) == {"+493090182080", "+442079460958"}
    assert set(world.reasons()) == {"ann@example.com", "old@example.com"}


def test_of_two_alike_the_first_to_suppress_an_address_stays_and_later_rows_count_by_what_they_met(
    world: World,
) -> None:
    job = world.imported("email\nOLD@example.com\nann@example.com\nANN@example.com\nold@example.com\n")
    assert counts(job) == {"rows": 4, "added": 1, "duplicates": 1, "unchanged": 2}
    assert world.reasons() == {"old@example.com": "complaint", "ann@example.com": "import"}
    again = world.imported("email\nann@example.com\n", SECOND, reason="manual")
    assert counts(again) == {"rows": 1, "unchanged": 1}


def test_national_numbers_are_read_in_the_region_that_the_import_names(world: World) -> None:
    text = "phone,channel\n030 90182080,\n'+1 201-309-0301,\n12,\nann@example.com,email\n"
    job = world.imported(text, channel="sms", phone_region="de")
    assert counts(job) == {"rows": 4, "added": 3, "rejected": 1}
    assert set(world.reasons("sms")) == {"+493090182080", "+12013090301"}
    again = world.imported("phone\n+49 30 90182080\n", SECOND, channel="sms")
    assert counts(again) == {"rows": 1, "unchanged": 1}


@pytest.mark.parametrize("chunk", [1, 1000])
def test_the_recipients_word_counts_from_whatever_row(
    world: World, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", chunk)
    first = world.imported("email\nann@example.com\n", reason="hard_bounce")
    rows = "email,reason\nann@example.com,spam\nbob@example.com,\nbob@example.com,STOP\nbob@example.com,bounce\n"
    second = world.imported(rows, SECOND)
    assert counts(first) == {"rows": 1, "added": 1}
    assert counts(second) == {"rows": 4, "added": 2, "duplicates": 2}
    assert world.reasons() == {"ann@example.com": "complaint", "bob@example.com": "opt_out", KNOWN.address: "complaint"}
    before = SuppressionTable(world.table).find(ORG, "email", "ann@example.com")
    assert before is not None
    assert before.before is not None
    assert (before.before.reason, before.before.import_id) == ("hard_bounce", IMPORT)


def test_every_bad_row_is_reported_and_the_others_go_on(world: World) -> None:
    job = world.imported(
        b"email,channel,reason\n"
        b"no address,,\n"
        b"ann@example.com,fax,because\n"
        b"030 901820,sms,\n"
        b"short@example.com\n"
        b",,complaint\n"
        b"\xff@example.com,,\n"
        b'"never closed,,\n'
        b"\n"
        b"bob@example.com,,\n"
    )
    assert counts(job) == {"rows": 8, "added": 1, "rejected": 7}
    assert [(error["row"], error["field"]) for error in world.errors()] == [
        ("2", "email"),
        ("3", "channel"),
        ("3", "reason"),
        ("4", "email"),
        ("5", ""),
        ("6", "email"),
        ("7", "email"),
        ("8", ""),
    ]
    assert world.errors()[2]["message"].startswith("not a reason: hard_bounce, complaint, unsubscribed")


@pytest.mark.parametrize(
    ("text", "settings", "failure"),
    [
        ("", {}, "the file is empty"),
        ("ann@example.com\n", {}, "the first row names the columns"),
        ("email,phone\n", {}, "columns 'email' and 'phone' both give 'address'"),
        ("email\n", {"mapping": {"b": "address"}}, "there is no column 'b'"),
    ],
)
def test_a_header_that_makes_no_sense_fails_the_import_and_says_why(
    world: World, text: str, settings: dict[str, Any], failure: str
) -> None:
    job = world.imported(text, **settings)
    assert (job.status, failure in str(job.failure)) == (ImportStatus.FAILED, True)


def test_a_mapping_names_and_leaves_out_columns(world: World) -> None:
    job = world.imported(
        "who,reason\nann@example.com,550 5.1.1 no such user\n",
        mapping={"who": "address", "reason": None},
        reason="hard_bounce",
    )
    assert (counts(job), world.reasons()["ann@example.com"]) == ({"rows": 1, "added": 1}, "hard_bounce")


def messy() -> str:
    rows = ["email,reason"]
    for n in range(9):
        rows += [
            f"c{n}@example.com,bounce",
            f"OLD@example.com,{'spam' if n % 2 else ''}",
            "bad,",
            f"C{n % 4}@example.com,",
        ]
    return "\n".join(rows)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_loses_nothing_and_counts_nothing_twice(
    after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 7)
    undisturbed = World()
    undisturbed.imported(messy())
    expected = undisturbed.job().model_copy(update={"version": 0})
    assert counts(expected) == {"rows": 36, "added": 9, "unchanged": 9, "duplicates": 9, "rejected": 9}
    for at in range(200):
        world, fuse = World(), Fuse(at, after=after)
        world.start(messy())
        try:
            world.work(fuse)
        except Killed:
            world.work()
        assert world.job().model_copy(update={"version": 0}) == expected
        assert world.table.items == undisturbed.table.items
        assert world.errors() == undisturbed.errors()
        if not fuse.burnt:
            assert at > 20  # every table, bucket, queue and checkpoint call had its turn
            return
    pytest.fail("the fuse never outlasted the run")


def test_two_workers_on_one_import_count_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 7)
    undisturbed = World()
    undisturbed.imported(messy())
    world.start(messy())
    other = world.worker()

    class Interrupted(SuppressionTable):
        """While the first worker writes its second chunk, another one does the whole rest."""

        calls = 0

        def add_all(self, *arguments: Any) -> Any:
            Interrupted.calls += 1
            if Interrupted.calls == 2:
                other.run(ORG, IMPORT, lambda: 300_000)
            return super().add_all(*arguments)

    rows = ImportedSuppressions(Interrupted(world.table))
    ImportRun(world.jobs, world.files, rows, world.queue, lambda: NOW).run(ORG, IMPORT, lambda: 300_000)
    assert world.job().counts == undisturbed.job().counts
    assert world.table.items == undisturbed.table.items
