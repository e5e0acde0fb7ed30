"""The export worker: what is written, and that a kill at any call changes nothing."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion import keys
from clarion.domain import contact_export
from clarion.domain.contact import Contact
from clarion.domain.contact_export import ContactExport
from clarion.domain.csv_cells import original
from clarion.domain.ids import derived_id
from clarion.services import contact_rows, export_run
from clarion.services.contact_rows import ContactRows
from clarion.services.export_run import ExportRun
from clarion.services.exports import ContactExportService, export_file
from tests.fakes.files import FilesInMemory
from tests.fakes.importing import World, counts
from tests.fakes.jobs import Fuse, JobQueueInMemory, JobsInMemory, Killed

ORG, EXPORT = "01J00000000000000000000ACM", "01J0000000000000000000EXP1"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class ContactsInMemory:
    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._documents = sorted((contact.document() for contact in contacts), key=lambda document: document["id"])

    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        of_shard = [d for d in self._documents if keys.contact_shard(d["id"]) == shard and d["id"] > (after or "")]
        page = of_shard[:limit]
        return page, page[-1]["id"] if len(page) == limit else None


class Exporting:
    def __init__(self, contacts: Sequence[Contact]) -> None:
        self.contacts = ContactsInMemory(contacts)
        self.files, self.queue, self.jobs = FilesInMemory(), JobQueueInMemory(), JobsInMemory(ContactExport)
        self.service = ContactExportService(self.jobs, self.files, self.queue, lambda: NOW)
        self.service.start(ORG, EXPORT, "u-owner")

    def work(self, fuse: Fuse | None = None, chunks: int | None = None) -> int:
        wrap = fuse.wrap if fuse else lambda thing: thing
        jobs = wrap(self.jobs)
        rows = ContactRows(jobs, wrap(self.contacts), lambda: NOW)
        worker = ExportRun(jobs, wrap(self.files), rows, wrap(self.queue), lambda: NOW)
        workers = 0
        while self.queue.waiting:
            message = self.queue.waiting.popleft()
            left = iter([300_000] * chunks if chunks else [])
            try:
                worker.run(*message, lambda left=left: next(left, 0 if chunks else 300_000))  # type: ignore[misc]
            except Killed:
                self.queue.send(*message)
                raise
            workers += 1
        return workers

    @property
    def body(self) -> bytes:
        return self.files.objects[export_file(ORG, EXPORT)]

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.body.decode(), newline=""), strict=True))


def contact(n: int, **fields: Any) -> Contact:
    return Contact.new(derived_id(str(n)), {"email": f"c{n:03d}@example.com", **fields}, NOW)


def test_every_contact_is_a_row_and_every_attribute_a_column() -> None:
    export = Exporting(
        [
            contact(
                1, first_name="Ann", tags=["b", "a"], consent={"email": "denied"}, attributes={"n": 1.5, "ok": True}
            ),
            contact(2, phone="+49 30", attributes={"zip": "00123", "list": ["é", None], "none": None}),
        ]
    )
    export.work()
    ann, bob = sorted(export.rows, key=lambda row: row["email"])
    assert (ann["firstName"], ann["tags"], ann["consent.email"], ann["consent.sms"]) == (
        "Ann",
        "a;b",
        "denied",
        "unknown",
    )
    assert (ann["attributes.n"], ann["attributes.ok"], ann["attributes.zip"]) == ("1.5", "true", "")
    assert (bob["phone"], bob["attributes.zip"]) == ("'+49 30", "00123")
    assert (bob["attributes.list"], bob["attributes.none"]) == ('["é",null]', "")
    assert ann["createdAt"] == "2026-11-21T09:00:00.000Z"
    assert ann["otherAttributes"] == bob["otherAttributes"] == ""
    assert export.jobs.get(ORG, EXPORT).rows == 2


def test_an_organisation_without_contacts_gets_a_header() -> None:
    export = Exporting([])
    export.work()
    assert export.rows == []
    assert export.body.startswith(b"id,email,")


def test_attributes_beyond_the_columns_are_json_in_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_export, "MAX_ATTRIBUTE_COLUMNS", 2)
    export = Exporting([contact(1, attributes={"a": 1, "b": 2, "c": 3, "d": "=4"})])
    export.work()
    (row,) = export.rows
    assert (row["attributes.a"], row["attributes.b"], row["otherAttributes"]) == ("1", "2", '{"c":3,"d":"=4"}')


def test_no_cell_runs_in_a_spreadsheet_and_each_comes_back_through_an_import() -> None:
    hostile = {"a": "=1+1", "b": "'=1", "c": "-1", "d": "\tx", "e": "two\nlines", "f": "@x", "g": "plain"}
    export = Exporting([contact(1, first_name="=cmd|' /C calc'!A0", attributes=hostile, tags=["-x"])])
    export.work()
    (row,) = export.rows
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert original(row["firstName"]) == "=cmd|' /C calc'!A0"
    world = World()
    assert counts(world.imported(export.body, from_export=True)) == {"rows": 1, "created": 1}
    again = world.contact("c001@example.com")
    assert (again.first_name, again.attributes, again.tags) == ("=cmd|' /C calc'!A0", hostile, ("-x",))


def test_a_worker_short_of_time_queues_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_run, "PART_BYTES", 200)
    monkeypatch.setattr(contact_rows, "PAGE", 2)
    whole, stepwise = (Exporting([contact(n, attributes={"n": n}) for n in range(60)]) for _ in range(2))
    whole.work()
    assert stepwise.work(chunks=12) > 3
    assert stepwise.body == whole.body
    assert len(whole.rows) == 60


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_writes_the_same_file(after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_run, "PART_BYTES", 300)
    monkeypatch.setattr(contact_rows, "PAGE", 3)
    contacts = [contact(n, attributes={"n": n}) for n in range(30)]
    whole = Exporting(contacts)
    whole.work()
    for at in range(1000):
        export = Exporting(contacts)
        fuse = Fuse(at, after=after)
        try:
            export.work(fuse)
        except Killed:
            export.work()
        job = export.jobs.get(ORG, EXPORT)
        assert (export.body, job.rows, job.finished) == (whole.body, 30, True)
        if not fuse.burnt:
            assert at > 50
            return
    pytest.fail("the fuse never outlasted the run")
