"""Imports as their callers see them: start, upload, run, watch, fetch the errors."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from clarion.domain.contact_import import ContactImport
from clarion.domain.csv_columns import ImportSettings
from clarion.domain.errors import Conflict, NotFound, RuleBroken
from clarion.domain.import_job import ImportStatus
from clarion.domain.stored_file import StoredFile
from clarion.domain.suppression_import import SuppressionImport

STUCK_AFTER = timedelta(minutes=10)  # twice the worker's time-out
MAX_FILE_BYTES = 5 * 1024**3  # what one PUT to S3 takes

J = TypeVar("J", ContactImport, SuppressionImport)


class Imports(Protocol[J]):
    def get(self, org_id: str, record_id: str) -> J: ...
    def add(self, org_id: str, record: J) -> J: ...
    def replace(self, org_id: str, record: J) -> J: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[J], dict[str, Any] | None]: ...


class Uploads(Protocol):
    def info(self, key: str) -> StoredFile | None: ...
    def upload_link(self, key: str) -> str: ...
    def download_link(self, key: str, filename: str) -> str: ...


class JobQueue(Protocol):
    def send(self, org_id: str, record_id: str) -> None: ...


class ImportFiles(NamedTuple):
    """Where an import's files are: ``imports/acme/01J8…/upload.csv`` and so on."""

    org_id: str
    import_id: str

    @property
    def upload(self) -> str:
        return f"imports/{self.org_id}/{self.import_id}/upload.csv"

    @property
    def errors(self) -> str:
        return f"imports/{self.org_id}/{self.import_id}/errors.csv"

    def error_part(self, number: int) -> str:
        return f"imports/{self.org_id}/{self.import_id}/errors/{number:06d}.csv"


class ImportService(Generic[J]):
    """Imports of one kind."""

    def __init__(self, imports: Imports[J], files: Uploads, queue: JobQueue, clock: Callable[[], datetime]) -> None:
        self._imports: Imports[J] = imports
        self._files, self._queue, self._clock = files, queue, clock

    def begin(self, org_id: str, job: J) -> tuple[J, str]:
        """Keep a new import (the same again for the same id); the answer's second part is the URL its file is to be
        PUT to."""
        try:
            kept = self._imports.add(org_id, job)
        except Conflict:
            kept = self._imports.get(org_id, job.id)
        return kept, self._files.upload_link(ImportFiles(org_id, job.id).upload)

    def run(self, org_id: str, import_id: str) -> J:
        """Have the uploaded file imported. Asking again is harmless, and wakes an import whose worker is gone.

        Raises NotFound, and RuleBroken when nothing was uploaded or the import is over.
        """
        job = self._imports.get(org_id, import_id)
        now = self._clock()
        if job.status == ImportStatus.RUNNING and now - job.touched_at < STUCK_AFTER:
            return job
        upload = self._files.info(ImportFiles(org_id, import_id).upload)
        if upload is None:
            raise RuleBroken("upload the file first, by PUT to the import's uploadUrl")
        if upload.size > MAX_FILE_BYTES:
            raise RuleBroken(f"the file has {upload.size} bytes, at most {MAX_FILE_BYTES} are imported: split it")
        queued = self._imports.replace(org_id, job.queued(now))
        self._queue.send(org_id, import_id)
        return queued

    def get(self, org_id: str, import_id: str) -> J:
        """Raises NotFound."""
        return self._imports.get(org_id, import_id)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[J], dict[str, Any] | None]:
        """One page, newest first."""
        return self._imports.list(org_id, limit, position)

    def errors_link(self, org_id: str, import_id: str) -> str:
        """Where the CSV of all rejected rows is for an hour. Raises NotFound when there is none."""
        job = self._imports.get(org_id, import_id)
        if not job.finished:
            raise RuleBroken("the list of errors is complete once the import has finished")
        if not job.error_parts:
            raise NotFound("list of errors of import", import_id)
        return self._files.download_link(ImportFiles(org_id, import_id).errors, f"import-{import_id}-errors.csv")


class ContactImportService(ImportService[ContactImport]):
    def start(self, org_id: str, import_id: str, user_id: str, settings: ImportSettings) -> tuple[ContactImport, str]:
        """A new import of contacts, and the URL its file is to be PUT to."""
        now = self._clock()
        job = ContactImport(id=import_id, settings=settings, created_by=user_id, created_at=now, touched_at=now)
        return self.begin(org_id, job)
