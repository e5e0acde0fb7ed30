"""An export of an organisation's contacts to CSV: a job that can stop and go on at any contact."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from clarion.clock import stamp
from clarion.domain.model import Model

MAX_ATTRIBUTE_COLUMNS = 900
_FIELDS = ("id", "email", "firstName", "lastName", "phone", "timezone", "locale")


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"


class Place(Model):
    """Where a walk over all contacts goes on: after contact ``after`` of ``shard``."""

    shard: int = 0
    after: str | None = None


class ContactExport(Model):
    """First all contacts are walked for the names of their attributes, then again for their rows.

    Place, parts and count move together, in one conditional write, so each contact is written once.
    """

    id: str
    status: ExportStatus = ExportStatus.QUEUED
    created_by: str
    created_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None
    phase: Literal["columns", "rows"] = "columns"
    place: Place = Place()
    attributes: tuple[str, ...] = ()
    upload: str = ""
    parts: tuple[str, ...] = ()
    contacts: int = 0
    version: int = 1

    @property
    def finished(self) -> bool:
        return self.status == ExportStatus.COMPLETED

    def walked(self, names: Iterable[str], place: Place, now: datetime) -> "ContactExport":
        """The walk for names has come to ``place``."""
        known = tuple(sorted({*self.attributes, *names})[:MAX_ATTRIBUTE_COLUMNS])
        changes = {"status": ExportStatus.RUNNING, "attributes": known, "place": place, "touched_at": now}
        return self.model_copy(update=changes)

    def opened(self, upload: str, now: datetime) -> "ContactExport":
        """The columns are known; rows go to the multipart upload ``upload``."""
        return self.model_copy(update={"phase": "rows", "place": Place(), "upload": upload, "touched_at": now})

    def advanced(self, part: str, contacts: int, place: Place, now: datetime) -> "ContactExport":
        """One more part, of ``contacts`` contacts, is written."""
        changes = {
            "parts": (*self.parts, part),
            "contacts": self.contacts + contacts,
            "place": place,
            "touched_at": now,
        }
        return self.model_copy(update=changes)

    def completed(self, now: datetime) -> "ContactExport":
        changes = {"status": ExportStatus.COMPLETED, "finished_at": now, "touched_at": now}
        return self.model_copy(update=changes)


def export_header(attributes: Sequence[str]) -> list[str]:
    """Column names; what has no column of its own is JSON in the last."""
    return [
        *_FIELDS,
        "tags",
        "consent.email",
        "consent.sms",
        "createdAt",
        "updatedAt",
        *(f"attributes.{name}" for name in attributes),
        "otherAttributes",
    ]


def export_row(document: Mapping[str, Any], attributes: Sequence[str]) -> list[str]:
    """The cells of a contact's document (``Contact.document()``)."""
    values: dict[str, Any] = dict(document["attributes"])
    cells = [_cell(values.pop(name, None)) for name in attributes]
    return [
        *(document[name] or "" for name in _FIELDS),
        ";".join(document["tags"]),
        document["consent"]["email"],
        document["consent"]["sms"],
        stamp(document["createdAt"]),
        stamp(document["updatedAt"]),
        *cells,
        _cell(values) if values else "",
    ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
