"""Contact imports as the API takes and gives them."""

from datetime import datetime
from typing import Any

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


class ImportJobView(Model):
    """What imports of every kind show."""

    id: str
    status: ImportStatus
    filename: str | None
    progress: Progress
    warnings: tuple[Problem, ...] = Field(description="About the header row, such as a repeated header.")
    first_errors: tuple[Problem, ...] = Field(description="Of the first rejected rows; errorsUrl has them all.")
    failure: str | None = Field(description="Why the import could not go on.")
    errors_url: str | None = Field(description="The route that lists every rejected row, once there is such a list.")
    created_at: datetime
    finished_at: datetime | None
    version: int

    @staticmethod
    def fields_of(job: ImportJob, route: str) -> dict[str, Any]:
        """The fields of a job whose routes begin with ``route``; what its kind alone has is left to the caller."""
        listed = job.finished and job.error_parts
        same = ("id", "status", "warnings", "first_errors", "failure", "created_at", "finished_at", "version")
        return {name: getattr(job, name) for name in same} | {
            "progress": Progress.of(job),
            "errors_url": f"{route}/{job.id}/errors" if listed else None,
        }


class ImportView(ImportJobView):
    counts: Counts

    @classmethod
    def of(cls, job: ContactImport) -> "ImportView":
        fields = cls.fields_of(job, "/crm/contact-imports")
        return cls(**fields, filename=job.settings.filename, counts=job.counts)


class StartedImportView(Model):
    id: str
    status: ImportStatus
    upload_url: str = Field(description="PUT the CSV file here within the hour, then run the import.")

    @classmethod
    def of(cls, job: ImportJob, upload_url: str) -> "StartedImportView":
        return cls(id=job.id, status=job.status, upload_url=upload_url)


class DownloadView(Model):
    url: str = Field(description="GET the file here within the hour.")
