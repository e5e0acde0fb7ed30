"""Imports of suppressed addresses: their start, and what the import worker makes of the rows."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from clarion.domain.csv_layout import Header, layout_of
from clarion.domain.csv_suppressions import (
    SuppressionColumns,
    SuppressionImportSettings,
    SuppressionReader,
    SuppressionRow,
)
from clarion.domain.import_job import FileLayout
from clarion.domain.row_error import RowError
from clarion.domain.stored_file import StoredFile
from clarion.domain.suppression import Suppression, outranks
from clarion.domain.suppression_import import SuppressionImport
from clarion.services.import_run import Applied
from clarion.services.imports import ImportService


class Suppressions(Protocol):
    def add_all(self, org_id: str, suppressions: Sequence[Suppression]) -> list[Suppression]:
        """Suppress many addresses, each another; in their order what is on the list now."""


class SuppressionImportService(ImportService[SuppressionImport]):
    def start(
        self, org_id: str, import_id: str, user_id: str, settings: SuppressionImportSettings
    ) -> tuple[SuppressionImport, str]:
        """A new import of suppressed addresses, and the URL its file is to be PUT to."""
        now = self._clock()
        job = SuppressionImport(id=import_id, settings=settings, created_by=user_id, created_at=now, touched_at=now)
        return self.begin(org_id, job)


class ImportedSuppressions:
    """A suppression remembers the row that made it, so a row that is applied again counts as it did."""

    def __init__(self, suppressions: Suppressions) -> None:
        self._suppressions = suppressions

    def header(self, job: SuppressionImport, head: bytes, file: StoredFile) -> Header:
        return layout_of(head, file, job.settings.delimiter, SuppressionColumns(job.settings))

    def reader(
        self, job: SuppressionImport, layout: FileLayout
    ) -> Callable[[int, Sequence[str]], SuppressionRow | list[RowError]]:
        return SuppressionReader(layout.columns, job.settings).read

    def apply(self, org_id: str, job: SuppressionImport, changes: Sequence[SuppressionRow], now: datetime) -> Applied:
        rows: dict[tuple[str, str], list[SuppressionRow]] = {}
        for change in changes:
            rows.setdefault((change.channel, change.address), []).append(change)
        wanted = [_suppression(job, _weightiest(same), now) for same in rows.values()]
        kept = self._suppressions.add_all(org_id, wanted)
        counts: Counter[str] = Counter()
        for there, same in zip(kept, rows.values(), strict=True):
            counts.update(_outcome(there, row, job.id) for row in same)
        return Applied(counts, [])


def _weightiest(rows: Sequence[SuppressionRow]) -> SuppressionRow:
    """The first of an address's rows, or the first that goes before it."""
    return next((row for row in rows if outranks(row.reason, rows[0].reason)), rows[0])


def _suppression(job: SuppressionImport, row: SuppressionRow, now: datetime) -> Suppression:
    return Suppression(
        address=row.address,
        channel=row.channel,
        reason=row.reason,
        source="import",
        created_by=job.created_by,
        import_id=job.id,
        import_row=row.row,
        created_at=now,
    )


def _outcome(there: Suppression, row: SuppressionRow, import_id: str) -> str:
    if there.import_id != import_id:
        return "unchanged"
    if there.before and there.before.import_id == import_id:
        return "duplicates"  # an earlier row added the address, for a lesser reason
    return "added" if there.import_row == row.row else "duplicates"
