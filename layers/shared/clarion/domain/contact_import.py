"""An import of contacts from a CSV file: a job that can stop and go on at any record."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from clarion.domain.contact_merge import RowError
from clarion.domain.csv_columns import Column, ImportSettings
from clarion.domain.errors import RuleBroken
from clarion.domain.model import Model

SHOWN_ERRORS = 10


class ImportStatus(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Counts(Model):
    """``rows`` is the sum of the others: every row that is not empty has exactly one outcome."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in Counts.model_fields})


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


class ContactImport(Model):
    """``position`` is the byte where the next record begins, ``row`` the number of the last one read (header: 1).

    Position, row and counts move together, in one conditional write, so each row counts once.
    """

    id: str
    status: ImportStatus = ImportStatus.AWAITING_UPLOAD
    settings: ImportSettings
    created_by: str
    created_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None
    layout: FileLayout | None = None
    position: int = 0
    row: int = 0
    counts: Counts = Field(default_factory=Counts)
    warnings: tuple[Problem, ...] = ()
    first_errors: tuple[Problem, ...] = ()
    error_parts: int = 0
    failure: str | None = None
    version: int = 1

    @property
    def finished(self) -> bool:
        return self.status in (ImportStatus.COMPLETED, ImportStatus.FAILED)

    @property
    def read_to_the_end(self) -> bool:
        return self.layout is not None and self.position >= self.layout.size

    def queued(self, now: datetime) -> "ContactImport":
        """RuleBroken when the import is over: a file is imported again by a new import."""
        if self.finished:
            raise RuleBroken(f"the import is {self.status.value}; start a new one")
        status = ImportStatus.QUEUED if self.status == ImportStatus.AWAITING_UPLOAD else self.status
        return self.model_copy(update={"status": status, "touched_at": now})

    def begun(
        self, layout: FileLayout, position: int, row: int, warnings: Sequence[RowError], now: datetime
    ) -> "ContactImport":
        """The header has been read; it is row ``row`` and ends at ``position``."""
        return self.model_copy(
            update={
                "status": ImportStatus.RUNNING,
                "layout": layout,
                "position": position,
                "row": row,
                "warnings": tuple(Problem.of(warning) for warning in warnings[:100]),
                "touched_at": now,
            }
        )

    def advanced(
        self, position: int, row: int, counts: Counts, errors: Sequence[RowError], now: datetime
    ) -> "ContactImport":
        """A chunk of rows is done with; ``counts`` and ``errors`` are the chunk's."""
        shown = (*self.first_errors, *(Problem.of(error) for error in errors[:SHOWN_ERRORS]))[:SHOWN_ERRORS]
        return self.model_copy(
            update={
                "position": position,
                "row": row,
                "counts": self.counts.plus(counts),
                "first_errors": shown,
                "error_parts": self.error_parts + bool(errors),
                "touched_at": now,
            }
        )

    def completed(self, now: datetime) -> "ContactImport":
        return self.model_copy(
            update={"status": ImportStatus.COMPLETED, "finished_at": now, "touched_at": now},
        )

    def failed(self, failure: str, now: datetime) -> "ContactImport":
        """Nothing more will be read, for a reason the caller can mend."""
        return self.model_copy(
            update={"status": ImportStatus.FAILED, "failure": failure, "finished_at": now, "touched_at": now}
        )
