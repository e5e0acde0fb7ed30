"""Exports of recipients: what is written, and that a kill at any call changes nothing."""

import csv
import io
from collections import Counter

import pytest

from clarion.domain.errors import NotFound, RuleBroken
from clarion.domain.outlet import Outlet
from clarion.domain.recipient_export import RECIPIENT_COLUMNS, RecipientExport, recipient_row
from clarion.domain.recipients import Recipient
from clarion.services import export_run, recipient_exports
from clarion.services.export_run import ExportRun
from clarion.services.exports import export_file
from clarion.services.recipient_exports import RecipientExportService, RecipientRows
from clarion.storage.recipients import RecipientTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details
from tests.fakes.files import FilesInMemory
from tests.fakes.jobs import Fuse, JobQueueInMemory, JobsInMemory, Killed

EXPORT = "01J0000000000000000000EXP1"


class Exporting:
    """Exports of what a delivery left."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.files, self.queue, self.jobs = FilesInMemory(), JobQueueInMemory(), JobsInMemory(RecipientExport)
        self.service = RecipientExportService(
            delivery.campaigns, delivery.runs, self.jobs, self.files, self.queue, delivery.clock
        )

    def start(self, outcome: str | None = None, run: int | None = None, channel: str | None = None) -> RecipientExport:
        return self.service.start(ORG, EXPORT, "u-owner", CAMPAIGN, run, channel, outcome)

    def work(self, fuse: Fuse | None = None, pages: int | None = None) -> int:
        """Workers until the queue is empty, each with time for so many ``pages``; their number."""
        wrap = fuse.wrap if fuse else lambda thing: thing
        recipients = RecipientTable(self.delivery.table)
        rows = RecipientRows(wrap(self.delivery.runs), wrap(recipients), wrap(self.delivery.contacts))
        worker = ExportRun(wrap(self.jobs), wrap(self.files), rows, wrap(self.queue), self.delivery.clock)
        workers = 0
        while self.queue.waiting:
            message = self.queue.waiting.popleft()
            left = iter([300_000] * (pages - 1) if pages else [])
            try:
                worker.run(*message, lambda left=left: next(left, 0 if pages else 300_000))  # type: ignore[misc]
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


@pytest.fixture
def delivery() -> Delivery:
    """A campaign that was sent to 120 people, and not to 30 who want none."""
    delivery = Delivery()
    delivery.people(120, firstName="Ann", lastName=None, phone="+49 30 90182080")
    delivery.people(30, consent={"email": "denied"})
    delivery.launch()
    delivery.work()
    return delivery


def test_every_recipient_is_a_row_with_its_outcome_and_address(delivery: Delivery) -> None:
    export = Exporting(delivery)
    export.start()
    export.work()
    assert Counter(row["outcome"] for row in export.rows) == {"sent": 120, "skipped.no_consent": 30}
    assert len({row["contactId"] for row in export.rows}) == 150
    row = next(row for row in export.rows if row["email"] == "p7@example.com")
    assert row.pop("detail").startswith("v-")
    contact = sorted(delivery.contacts.all)[7]
    assert row == {
        "contactId": contact,
        "email": "p7@example.com",
        "phone": "'+49 30 90182080",  # no formula
        "firstName": "Ann",
        "lastName": "",
        "platform": "",
        "profile": "",
        "outcome": "sent",
        "step": "1",
        "variant": "",
    }
    assert export.jobs.get(ORG, EXPORT).rows == 150


def test_only_the_outcome_asked_for_is_written(delivery: Delivery) -> None:
    export = Exporting(delivery)
    export.start("skipped")
    export.work()
    assert [row["outcome"] for row in export.rows] == ["skipped.no_consent"] * 30


def test_an_outcome_nobody_came_to_gives_a_header(delivery: Delivery) -> None:
    export = Exporting(delivery)
    export.start("failed")
    export.work()
    assert export.rows == []
    assert export.body == b"contactId,email,phone,firstName,lastName,platform,profile,outcome,detail,step,variant\r\n"


def test_a_contact_deleted_since_is_a_row_without_address(delivery: Delivery) -> None:
    gone = sorted(delivery.contacts.all)[0]
    del delivery.contacts.all[gone]
    export = Exporting(delivery)
    export.start()
    export.work()
    [row] = [row for row in export.rows if row["contactId"] == gone]
    assert (row["email"], row["outcome"]) == ("", "sent")
    assert len(export.rows) == 150


def test_workers_short_of_time_write_each_recipient_once(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_run, "PART_BYTES", 500)
    monkeypatch.setattr(recipient_exports, "PAGE", 7)
    whole, stepwise = Exporting(delivery), Exporting(delivery)
    whole.start()
    whole.work()
    stepwise.start()
    assert stepwise.work(pages=6) > 3
    assert stepwise.body == whole.body
    assert len({row["contactId"] for row in whole.rows}) == len(whole.rows) == 150


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_writes_the_same_file(
    delivery: Delivery, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_run, "PART_BYTES", 2000)
    monkeypatch.setattr(recipient_exports, "PAGE", 20)
    whole = Exporting(delivery)
    whole.start()
    whole.work()
    for at in range(1000):
        export = Exporting(delivery)
        export.start()
        fuse = Fuse(at, after=after)
        try:
            export.work(fuse)
        except Killed:
            export.work()
        job = export.jobs.get(ORG, EXPORT)
        assert (export.body, job.rows, job.finished) == (whole.body, 150, True)
        if not fuse.burnt:
            assert at > 25
            return
    pytest.fail("the fuse never outlasted the run")


def test_the_latest_run_is_exported_unless_another_is_named(delivery: Delivery) -> None:
    assert Exporting(delivery).start().run == 1
    with pytest.raises(NotFound):
        Exporting(delivery).start(run=2)


def test_of_a_launch_by_several_channels_the_run_of_the_one_named_is_exported() -> None:
    delivery = Delivery()
    delivery.people(1, phone="+49 30 90182080")
    delivery.channels.connected.add("sms")
    delivery.launch(channels=["email", "sms"])
    runs = [Exporting(delivery).start(channel=channel).run for channel in ("email", "sms", None)]
    assert runs == [1, 2, 2]
    for wrong in ({"channel": "social"}, {"channel": "email", "run": 2}):
        with pytest.raises(NotFound):
            Exporting(delivery).start(**wrong)


def test_what_was_published_has_its_profile_in_the_place_of_an_address() -> None:
    outlet = Outlet(platform="facebook", profile="1029384756", name="The shop")
    row = dict(zip(RECIPIENT_COLUMNS, recipient_row(Recipient(outlet.id, "sent", outlet=outlet), None), strict=True))
    assert (row["platform"], row["profile"], row["email"], row["outcome"]) == ("facebook", "1029384756", "", "sent")


def test_a_campaign_never_launched_has_nothing_to_export() -> None:
    delivery = Delivery()
    delivery.service.create(ORG, CAMPAIGN, "u-owner", campaign_details(), None)
    with pytest.raises(RuleBroken):
        Exporting(delivery).start()
