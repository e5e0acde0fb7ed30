"""An organisation that imports contacts, on a table and a bucket in memory."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from clarion.domain.contact import Contact
from clarion.domain.contact_import import ContactImport
from clarion.domain.contact_merge import ContactChange
from clarion.domain.csv_columns import ImportSettings
from clarion.services.import_run import ImportRun
from clarion.services.imported_contacts import ImportedContacts
from clarion.services.imports import ContactImportService, ImportFiles
from clarion.storage.contact_upserts import ContactUpserts
from clarion.storage.contacts import ContactTable
from tests.fakes.files import FilesInMemory
from tests.fakes.jobs import Fuse, JobQueueInMemory, JobsInMemory, Killed
from tests.fakes.table import TableInMemory

ORG, IMPORT = "01J00000000000000000000ACM", "01J0000000000000000000IMP1"
SECOND = "01J0000000000000000000IMP2"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class World:
    """One organisation's contacts and imports. The clock stands still, so two runs can be compared to the byte."""

    def __init__(self) -> None:
        self.table = TableInMemory()
        self.files = FilesInMemory()
        self.jobs = JobsInMemory(ContactImport)
        self.queue = JobQueueInMemory()
        self.time = NOW
        self.service = ContactImportService(self.jobs, self.files, self.queue, self.clock)

    def clock(self) -> datetime:
        return self.time

    def start(self, text: str | bytes, import_id: str = IMPORT, **settings: Any) -> None:
        self.service.start(ORG, import_id, "u-owner", ImportSettings(**settings))
        body = text.encode() if isinstance(text, str) else text
        self.files.write(ImportFiles(ORG, import_id).upload, body)
        self.service.run(ORG, import_id)

    def worker(self, wrap: Callable[[Any], Any] = lambda thing: thing) -> ImportRun[ContactImport, ContactChange]:
        rows = ImportedContacts(ContactUpserts(wrap(self.table), parallel=1))
        return ImportRun(wrap(self.jobs), wrap(self.files), rows, wrap(self.queue), self.clock)

    def work(self, fuse: Fuse | None = None) -> None:
        worker = self.worker(fuse.wrap if fuse else lambda thing: thing)
        for org, import_id in self.queue:
            try:
                worker.run(org, import_id, lambda: 300_000)
            except Killed:
                self.queue.send(org, import_id)  # SQS delivers again what was not deleted
                raise

    def work_in_steps(self) -> int:
        """Workers that each have time for one chunk; how many it took."""
        workers = 0
        while self.queue.waiting:
            left = iter([300_000])
            org, import_id = self.queue.waiting.popleft()
            self.worker().run(org, import_id, lambda left=left: next(left, 0))  # type: ignore[misc]
            workers += 1
        return workers

    def imported(self, text: str | bytes, import_id: str = IMPORT, **settings: Any) -> ContactImport:
        self.start(text, import_id, **settings)
        self.work()
        return self.job(import_id)

    def job(self, import_id: str = IMPORT) -> ContactImport:
        return self.jobs.get(ORG, import_id)

    def contacts(self) -> list[Contact]:
        return ContactTable(self.table).list(ORG, 100_000)[0]

    def contact(self, email: str) -> Contact:
        found = ContactTable(self.table).find_by_email(ORG, email)
        assert found is not None
        return found

    def errors(self, import_id: str = IMPORT) -> list[dict[str, str]]:
        body = self.files.objects[ImportFiles(ORG, import_id).errors].decode()
        return list(csv.DictReader(io.StringIO(body, newline="")))


def counts(job: ContactImport) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: number for name, number in job.counts.model_dump().items() if number}


def csv_of(*rows: list[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
