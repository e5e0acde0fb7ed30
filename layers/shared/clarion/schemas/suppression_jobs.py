"""Imports and exports of the suppression list as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact import ConsentChannel
from clarion.domain.csv_suppressions import SuppressionImportSettings
from clarion.domain.export_job import ExportStatus
from clarion.domain.model import Model
from clarion.domain.suppression_export import SuppressionExport
from clarion.domain.suppression_import import SuppressionCounts, SuppressionImport
from clarion.schemas.imports import ImportJobView
from clarion.schemas.suppressions import SuppressionChannel


class SuppressionImportRequest(SuppressionImportSettings):
    """How to read the file that is going to be uploaded."""


class SuppressionImportView(ImportJobView):
    counts: SuppressionCounts

    @classmethod
    def of(cls, job: SuppressionImport) -> "SuppressionImportView":
        fields = cls.fields_of(job, "/crm/marketing/suppression-imports")
        return cls(**fields, filename=job.settings.filename, counts=job.counts)


class SuppressionExportRequest(Model):
    """Which addresses."""

    channel: SuppressionChannel | None = Field(default=None, description="Of this channel only.")


class SuppressionExportView(Model):
    id: str
    status: ExportStatus
    channels: tuple[ConsentChannel, ...]
    addresses: int = Field(description="Addresses written so far.")
    url: str | None = Field(description="GET the file here within the hour, once the export is complete.")
    created_at: datetime
    finished_at: datetime | None
    version: int

    @classmethod
    def of(cls, job: SuppressionExport, url: str | None = None) -> "SuppressionExportView":
        return cls(
            id=job.id,
            status=job.status,
            channels=job.channels,
            addresses=job.rows,
            url=url,
            created_at=job.created_at,
            finished_at=job.finished_at,
            version=job.version,
        )
