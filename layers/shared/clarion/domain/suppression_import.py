"""An import of suppressed addresses from a CSV file."""

from clarion.domain.csv_suppressions import SuppressionImportSettings
from clarion.domain.import_job import ImportJob, RowCounts


class SuppressionCounts(RowCounts):
    """``unchanged`` counts rows of addresses that were on the list before the import, each time they come."""

    added: int = 0
    unchanged: int = 0


class SuppressionImport(ImportJob):
    settings: SuppressionImportSettings
    counts: SuppressionCounts = SuppressionCounts()
