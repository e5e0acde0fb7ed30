"""Contact exports as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact_export import ContactExport, ExportStatus
from clarion.domain.model import Model


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
            contacts=job.contacts,
            url=url,
            created_at=job.created_at,
            finished_at=job.finished_at,
            version=job.version,
        )
