"""Who of a campaign's run got what, and exports of it."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table
from clarion.wiring.contacts import contact_documents, files
from clarion.wiring.delivery import campaign_table, runs

if TYPE_CHECKING:
    from clarion.channels.job_queue import JobQueue
    from clarion.domain.recipient_export import RecipientExport
    from clarion.services.export_run import ExportRun
    from clarion.services.recipient_exports import RecipientExportService
    from clarion.services.recipients import RecipientService
    from clarion.storage.recipients import RecipientTable
    from clarion.storage.records import RecordTable


@cache
def recipient_table() -> "RecipientTable":
    from clarion.storage.recipients import RecipientTable

    return RecipientTable(table())


@cache
def recipients() -> "RecipientService":
    from clarion.services.recipients import RecipientService

    return RecipientService(campaign_table(), runs(), recipient_table())


@cache
def recipient_export_records() -> "RecordTable[RecipientExport]":
    from clarion.domain.recipient_export import RecipientExport
    from clarion.storage.records import RecordTable

    return RecordTable("RECIPIENT_EXPORT", RecipientExport)


@cache
def recipient_export_queue() -> "JobQueue":
    from clarion.channels.job_queue import JobQueue

    return JobQueue(aws("sqs"), settings().export_queue_url, "recipient_export_id")


@cache
def recipient_exports() -> "RecipientExportService":
    from clarion.services.recipient_exports import RecipientExportService

    return RecipientExportService(
        campaign_table(), runs(), recipient_export_records(), files(), recipient_export_queue(), now
    )


@cache
def recipient_export_run() -> "ExportRun[RecipientExport]":
    from clarion.services.export_run import ExportRun
    from clarion.services.recipient_exports import RecipientRows

    rows = RecipientRows(runs(), recipient_table(), contact_documents())
    return ExportRun(recipient_export_records(), files(), rows, recipient_export_queue(), now)
