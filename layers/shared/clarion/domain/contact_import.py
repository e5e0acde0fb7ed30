"""An import of contacts from a CSV file."""

from clarion.domain.csv_columns import ImportSettings
from clarion.domain.import_job import ImportJob, RowCounts


class Counts(RowCounts):
    """How many rows created, updated or changed nothing of a contact."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ContactImport(ImportJob):
    settings: ImportSettings
    counts: Counts = Counts()
