"""An export of an organisation's contacts to CSV."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from clarion.clock import stamp
from clarion.domain.export_job import ExportJob, ExportStatus
from clarion.domain.model import Model

MAX_ATTRIBUTE_COLUMNS = 900
_FIELDS = ("id", "email", "firstName", "lastName", "phone", "timezone", "locale")


class Place(Model):
    """Where a walk over all contacts goes on: after contact ``after`` of ``shard``."""

    shard: int = 0
    after: str | None = None


class ContactExport(ExportJob):
    """First all contacts are walked for the names of their attributes, then again for their rows."""

    place: Place = Place()
    attributes: tuple[str, ...] = ()

    def walked(self, names: Iterable[str], place: Place, now: datetime) -> "ContactExport":
        """The walk for names has come to ``place``."""
        known = tuple(sorted({*self.attributes, *names})[:MAX_ATTRIBUTE_COLUMNS])
        return self._moved(now, status=ExportStatus.RUNNING, attributes=known, place=place)

    def columns_known(self, now: datetime) -> "ContactExport":
        """The walk for rows begins."""
        return self._moved(now, place=Place())


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
