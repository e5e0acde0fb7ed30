"""Rows of a contact file, into contacts."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from clarion.domain.contact_import import ContactImport
from clarion.domain.contact_merge import ContactChange, Merge
from clarion.domain.csv_columns import ContactColumns, RowReader
from clarion.domain.csv_layout import Header, layout_of
from clarion.domain.import_job import FileLayout
from clarion.domain.row_error import RowError
from clarion.domain.stored_file import StoredFile
from clarion.services.import_run import Applied

_COUNTED = {
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "duplicate": "duplicates",
    "rejected": "rejected",
}


class Upserts(Protocol):
    def apply(self, org_id: str, import_id: str, changes: Sequence[ContactChange], now: datetime) -> Sequence[Merge]:
        """Store what the rows say; rows that were applied before change nothing and have the same outcome."""


class ImportedContacts:
    """Contacts remember which rows touched them (domain/contact_merge.py)."""

    def __init__(self, contacts: Upserts) -> None:
        self._contacts = contacts

    def header(self, job: ContactImport, head: bytes, file: StoredFile) -> Header:
        return layout_of(head, file, job.settings.delimiter, ContactColumns(job.settings))

    def reader(
        self, job: ContactImport, layout: FileLayout
    ) -> Callable[[int, Sequence[str]], ContactChange | list[RowError]]:
        return RowReader(layout.columns, job.settings).read

    def apply(self, org_id: str, job: ContactImport, changes: Sequence[ContactChange], now: datetime) -> Applied:
        merges = self._contacts.apply(org_id, job.id, changes, now)
        counts = Counter(_COUNTED[outcome] for merge in merges for _, outcome in merge.outcomes)
        return Applied(counts, [error for merge in merges for error in merge.errors])
