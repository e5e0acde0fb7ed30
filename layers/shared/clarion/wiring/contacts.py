"""Contacts, their import and export."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table

if TYPE_CHECKING:
    from clarion.channels.job_queue import JobQueue
    from clarion.domain.contact_export import ContactExport
    from clarion.domain.contact_import import ContactImport
    from clarion.domain.contact_merge import ContactChange
    from clarion.services.contacts import ContactService
    from clarion.services.export_run import ExportRun
    from clarion.services.exports import ContactExportService
    from clarion.services.import_run import ImportRun
    from clarion.services.imports import ContactImportService
    from clarion.storage.contact_documents import ContactDocuments
    from clarion.storage.contacts import ContactTable
    from clarion.storage.files import Files
    from clarion.storage.records import RecordTable


@cache
def contact_table() -> "ContactTable":
    from clarion.storage.contacts import ContactTable

    return ContactTable(table())


@cache
def contact_documents() -> "ContactDocuments":
    from clarion.storage.contact_documents import ContactDocuments

    return ContactDocuments(aws("dynamodb"), settings().table_name)


@cache
def contacts() -> "ContactService":
    from clarion.services.contacts import ContactService

    return ContactService(contact_table(), now)


@cache
def files() -> "Files":
    """S3, signing links that hold for the bucket's own region, and for a local stack's address where one is set."""
    import os

    import boto3
    from botocore.config import Config

    from clarion.storage.files import Files

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 5},
        connect_timeout=3,
        read_timeout=60,
        signature_version="s3v4",
        request_checksum_calculation="when_required",  # else a link would demand a checksum of whoever uploads
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if os.environ.get("AWS_ENDPOINT_URL") else "virtual"},
    )
    return Files(boto3.client("s3", config=config), settings().bucket_name)


@cache
def import_records() -> "RecordTable[ContactImport]":
    from clarion.domain.contact_import import ContactImport
    from clarion.storage.records import RecordTable

    return RecordTable("IMPORT", ContactImport)


@cache
def import_queue() -> "JobQueue":
    from clarion.channels.job_queue import JobQueue

    return JobQueue(aws("sqs"), settings().import_queue_url, "import_id")


@cache
def imports() -> "ContactImportService":
    from clarion.services.imports import ContactImportService

    return ContactImportService(import_records(), files(), import_queue(), now)


@cache
def import_run() -> "ImportRun[ContactImport, ContactChange]":
    from clarion.services.import_run import ImportRun
    from clarion.services.imported_contacts import ImportedContacts
    from clarion.storage.contact_upserts import ContactUpserts

    rows = ImportedContacts(ContactUpserts(table()))
    return ImportRun(import_records(), files(), rows, import_queue(), now)


@cache
def export_records() -> "RecordTable[ContactExport]":
    from clarion.domain.contact_export import ContactExport
    from clarion.storage.records import RecordTable

    return RecordTable("EXPORT", ContactExport)


@cache
def export_queue() -> "JobQueue":
    from clarion.channels.job_queue import JobQueue

    return JobQueue(aws("sqs"), settings().export_queue_url, "export_id")


@cache
def exports() -> "ContactExportService":
    from clarion.services.exports import ContactExportService

    return ContactExportService(export_records(), files(), export_queue(), now)


@cache
def export_run() -> "ExportRun[ContactExport]":
    from clarion.services.contact_rows import ContactRows
    from clarion.services.export_run import ExportRun

    rows = ContactRows(export_records(), contact_documents(), now)
    return ExportRun(export_records(), files(), rows, export_queue(), now)
