"""Contact imports as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact_import import ContactImport, Counts
from clarion.domain.csv_columns import ImportSettings
from clarion.domain.import_job import ImportJob, ImportStatus, Problem
from clarion.domain.model import Model


class ImportRequest(ImportSettings):
    """How to read the file that is going to be uploaded."""


class Progress(Model):
    bytes_read: int
    bytes_total: int | None

    @classmethod
    def of(cls, job: ImportJob) -> "Progress":
        return cls(bytes_read=job.position, bytes_total=job.layout.size if job.layout else None)


class ImportView(Model):
    id: str
    status: ImportStatus
    filename: str | None
    counts: Counts
    progress: Progress
    warnings: tuple[Problem, ...] = Field(description="About the header row, such as a repeated header.")
    first_errors: tuple[Problem, ...] = Field(description="Of the first rejected rows; errorsUrl has them all.")
    failure: str | None = Field(description="Why the import could not go on.")
    errors_url: str | None = Field(description="The route that lists every rejected row, once there is such a list.")
    created_at: datetime
    finished_at: datetime | None
    version: int

    @classmethod
    def of(cls, job: ContactImport) -> "ImportView":
        listed = job.finished and job.error_parts
        return cls(
            id=job.id,
            status=job.status,
            filename=job.settings.filename,
            counts=job.counts,
            progress=Progress.of(job),
            warnings=job.warnings,
            first_errors=job.first_errors,
            failure=job.failure,
            errors_url=f"/crm/contact-imports/{job.id}/errors" if listed else None,
            created_at=job.created_at,
            finished_at=job.finished_at,
            version=job.version,
        )


class StartedImportView(Model):
    id: str
    status: ImportStatus
    upload_url: str = Field(description="PUT the CSV file here within the hour, then run the import.")

    @classmethod
    def of(cls, job: ImportJob, upload_url: str) -> "StartedImportView":
        return cls(id=job.id, status=job.status, upload_url=upload_url)


class DownloadView(Model):
    url: str = Field(description="GET the file here within the hour.")
