"""Exports as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact_export import ContactExport
from clarion.domain.export_job import ExportStatus
from clarion.domain.model import Model
from clarion.domain.recipient_export import RecipientExport
from clarion.schemas.recipients import Outcome, WantedChannel, WantedRun


class ExportRequest(Model):
    """An export of all contacts takes no settings."""


class ExportView(Model):
    id: str
    status: ExportStatus
    contacts: int = Field(description="Contacts written so far.")
    url: str | None = Field(description="GET the file here within the hour, once the export is complete.")
    created_at: datetime
    finished_at: datetime | None
    version: int

    @classmethod
    def of(cls, job: ContactExport, url: str | None = None) -> "ExportView":
        return cls(
            id=job.id,
            status=job.status,
            contacts=job.rows,
            url=url,
            created_at=job.created_at,
            finished_at=job.finished_at,
            version=job.version,
        )


class RecipientExportRequest(Model):
    """Which recipients of a campaign."""

    outcome: Outcome | None = Field(default=None, description="Only these; `skipped` is every `skipped.<reason>`.")
    run: WantedRun = None
    channel: WantedChannel = None


class RecipientExportView(Model):
    id: str
    status: ExportStatus
    campaign_id: str
    run: int
    outcome: str | None
    recipients: int = Field(description="Recipients written so far.")
    url: str | None = Field(description="GET the file here within the hour, once the export is complete.")
    created_at: datetime
    finished_at: datetime | None
    version: int

    @classmethod
    def of(cls, job: RecipientExport, url: str | None = None) -> "RecipientExportView":
        return cls(
            id=job.id,
            status=job.status,
            campaign_id=job.campaign_id,
            run=job.run,
            outcome=job.outcome,
            recipients=job.rows,
            url=url,
            created_at=job.created_at,
            finished_at=job.finished_at,
            version=job.version,
        )
