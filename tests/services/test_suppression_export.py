"""Exports of the suppression list: every address once, and a kill at any call changes nothing."""

import csv
import io
from datetime import UTC, datetime

import pytest

from clarion.domain.suppression import Suppression
from clarion.domain.suppression_export import SuppressionExport
from clarion.services import export_run, suppression_exports
from clarion.services.export_run import ExportRun
from clarion.services.exports import export_file
from clarion.services.suppression_exports import SuppressionExportService, SuppressionRows
from clarion.storage.suppressions import SuppressionTable
from tests.fakes.files import FilesInMemory
from tests.fakes.jobs import Fuse, JobQueueInMemory, JobsInMemory, Killed
from tests.fakes.table import TableInMemory

ORG, EXPORT = "01J00000000000000000000ACM", "01J0000000000000000000EXP1"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Exporting:
    """Five addresses and three numbers; a page and a part hold two rows."""

    def __init__(self) -> None:
        self.table = SuppressionTable(TableInMemory())
        for n in range(5):
            self._suppress("email", f"c{n}@example.com")
        for n in range(3):
            self._suppress("sms", f"+49309018208{n}")
        self.files, self.queue, self.jobs = FilesInMemory(), JobQueueInMemory(), JobsInMemory(SuppressionExport)
        SuppressionExportService(self.jobs, self.files, self.queue, lambda: NOW).start(ORG, EXPORT, "u-owner", None)

    def _suppress(self, channel: str, address: str) -> None:
        suppression = Suppression(address=address, channel=channel, reason="manual", created_at=NOW)
        self.table.add(ORG, suppression)

    def work(self, fuse: Fuse | None = None) -> None:
        wrap = fuse.wrap if fuse else lambda thing: thing
        rows = SuppressionRows(wrap(self.table))
        worker = ExportRun(wrap(self.jobs), wrap(self.files), rows, wrap(self.queue), lambda: NOW)
        for message in self.queue:
            try:
                worker.run(*message, lambda: 300_000)
            except Killed:
                self.queue.send(*message)
                raise

    @property
    def body(self) -> bytes:
        return self.files.objects[export_file(ORG, EXPORT)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression_exports, "PAGE", 2)
    monkeypatch.setattr(export_run, "PART_BYTES", 60)


def test_every_address_of_every_channel_is_a_row_in_order() -> None:
    export = Exporting()
    export.work()
    rows = list(csv.DictReader(io.StringIO(export.body.decode(), newline="")))
    assert [row["address"] for row in rows] == [
        *(f"c{n}@example.com" for n in range(5)),
        *(f"'+49309018208{n}" for n in range(3)),
    ]
    assert (rows[0]["reason"], rows[0]["createdAt"]) == ("manual", "2026-11-21T09:00:00.000Z")
    job = export.jobs.get(ORG, EXPORT)
    assert (job.status, job.rows) == ("completed", 8)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_writes_every_row_once(after: bool) -> None:
    undisturbed = Exporting()
    undisturbed.work()
    for at in range(200):
        export, fuse = Exporting(), Fuse(at, after=after)
        try:
            export.work(fuse)
        except Killed:
            export.work()
        assert export.body == undisturbed.body
        assert export.jobs.get(ORG, EXPORT).rows == 8
        if not fuse.burnt:
            assert at > 10
            return
    pytest.fail("the fuse never outlasted the run")
