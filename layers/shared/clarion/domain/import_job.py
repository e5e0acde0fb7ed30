"""Imports of CSV files: jobs that can stop and go on at any record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from clarion.domain.csv_headers import Column
from clarion.domain.errors import RuleBroken
from clarion.domain.model import Model
from clarion.domain.row_error import RowError

SHOWN_ERRORS = 10


class ImportStatus(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class RowCounts(Model):
    """``rows`` is the sum of the others: every row that is not empty has exactly one outcome."""

    rows: int = 0
    duplicates: int = 0
    rejected: int = 0

    def plus(self, found: Mapping[str, int]) -> Self:
        """These counts and those ``found``, by name."""
        return self.model_copy(update={name: getattr(self, name) + number for name, number in found.items()})


class Problem(Model):
    """One finding about the file: ``field`` is a column's header, empty when the whole row is meant."""

    row: int
    field: str
    message: str
    value: str = ""

    @classmethod
    def of(cls, error: RowError) -> "Problem":
        return cls(**error._asdict())


class FileLayout(Model):
    """How the file is written, found out once. ``etag`` names the very upload that is being read."""

    etag: str
    size: int
    encoding: str
    delimiter: str
    columns: tuple[Column, ...]


class ImportJob(Model):
    """What imports of all kinds have in common; each kind has settings of its own.

    ``position`` is the byte where the next record begins, ``row`` the number of the last one read (header: 1).
    Position, row and counts move together, in one conditional write, so each row counts once.
    """

    id: str
    status: ImportStatus = ImportStatus.AWAITING_UPLOAD
    created_by: str
    created_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None
    layout: FileLayout | None = None
    position: int = 0
    row: int = 0
    counts: RowCounts = RowCounts()
    warnings: tuple[Problem, ...] = ()
    first_errors: tuple[Problem, ...] = ()
    error_parts: int = 0
    failure: str | None = None
    version: int = 1

    @property
    def finished(self) -> bool:
        return self.status in (ImportStatus.COMPLETED, ImportStatus.FAILED)

    def queued(self, now: datetime) -> Self:
        """RuleBroken when the import is over: a file is imported again by a new import."""
        if self.finished:
            raise RuleBroken(f"the import is {self.status.value}; start a new one")
        status = ImportStatus.QUEUED if self.status == ImportStatus.AWAITING_UPLOAD else self.status
        return self._moved(now, status=status)

    def begun(self, layout: FileLayout, position: int, row: int, warnings: Sequence[RowError], now: datetime) -> Self:
        """The header has been read; it is row ``row`` and ends at ``position``."""
        told = tuple(Problem.of(warning) for warning in warnings[:100])
        return self._moved(now, status=ImportStatus.RUNNING, layout=layout, position=position, row=row, warnings=told)

    def advanced(
        self, position: int, row: int, counts: Mapping[str, int], errors: Sequence[RowError], now: datetime
    ) -> Self:
        """A chunk of rows is done with; ``counts`` and ``errors`` are the chunk's."""
        shown = (*self.first_errors, *(Problem.of(error) for error in errors[:SHOWN_ERRORS]))[:SHOWN_ERRORS]
        return self._moved(
            now,
            position=position,
            row=row,
            counts=self.counts.plus(counts),
            first_errors=shown,
            error_parts=self.error_parts + bool(errors),
        )

    def completed(self, now: datetime) -> Self:
        return self._moved(now, status=ImportStatus.COMPLETED, finished_at=now)

    def failed(self, failure: str, now: datetime) -> Self:
        """Nothing more will be read, for a reason the caller can mend."""
        return self._moved(now, status=ImportStatus.FAILED, failure=failure, finished_at=now)

    def _moved(self, now: datetime, **changes: Any) -> Self:
        return self.model_copy(update={**changes, "touched_at": now})
