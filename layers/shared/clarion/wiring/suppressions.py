"""The suppression list, its imports and exports."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table
from clarion.wiring.contacts import files

if TYPE_CHECKING:
    from clarion.channels.job_queue import JobQueue
    from clarion.domain.csv_suppressions import SuppressionRow
    from clarion.domain.suppression_export import SuppressionExport
    from clarion.domain.suppression_import import SuppressionImport
    from clarion.services.export_run import ExportRun
    from clarion.services.import_run import ImportRun
    from clarion.services.suppression_exports import SuppressionExportService
    from clarion.services.suppression_imports import SuppressionImportService
    from clarion.services.suppressions import SuppressionService
    from clarion.storage.records import RecordTable
    from clarion.storage.suppressions import SuppressionTable


@cache
def suppression_table() -> "SuppressionTable":
    from clarion.storage.suppressions import SuppressionTable

    return SuppressionTable(table())


@cache
def suppressions() -> "SuppressionService":
    from clarion.services.suppressions import SuppressionService

    return SuppressionService(suppression_table(), now)


@cache
def suppression_import_records() -> "RecordTable[SuppressionImport]":
    from clarion.domain.suppression_import import SuppressionImport
    from clarion.storage.records import RecordTable

    return RecordTable("SUPPRESSION_IMPORT", SuppressionImport)


@cache
def suppression_import_queue() -> "JobQueue":
    from clarion.channels.job_queue import JobQueue

    return JobQueue(aws("sqs"), settings().import_queue_url, "suppression_import_id")


@cache
def suppression_imports() -> "SuppressionImportService":
    from clarion.services.suppression_imports import SuppressionImportService

    return SuppressionImportService(suppression_import_records(), files(), suppression_import_queue(), now)


@cache
def suppression_import_run() -> "ImportRun[SuppressionImport, SuppressionRow]":
    from clarion.services.import_run import ImportRun
    from clarion.services.suppression_imports import ImportedSuppressions

    rows = ImportedSuppressions(suppression_table())
    return ImportRun(suppression_import_records(), files(), rows, suppression_import_queue(), now)


@cache
def suppression_export_records() -> "RecordTable[SuppressionExport]":
    from clarion.domain.suppression_export import SuppressionExport
    from clarion.storage.records import RecordTable

    return RecordTable("SUPPRESSION_EXPORT", SuppressionExport)


@cache
def suppression_export_queue() -> "JobQueue":
    from clarion.channels.job_queue import JobQueue

    return JobQueue(aws("sqs"), settings().export_queue_url, "suppression_export_id")


@cache
def suppression_exports() -> "SuppressionExportService":
    from clarion.services.suppression_exports import SuppressionExportService

    return SuppressionExportService(suppression_export_records(), files(), suppression_export_queue(), now)


@cache
def suppression_export_run() -> "ExportRun[SuppressionExport]":
    from clarion.services.export_run import ExportRun
    from clarion.services.suppression_exports import SuppressionRows

    rows = SuppressionRows(suppression_table())
    return ExportRun(suppression_export_records(), files(), rows, suppression_export_queue(), now)
