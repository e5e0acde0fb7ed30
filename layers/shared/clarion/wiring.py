"""Who is who: the only file that names every concrete class. Lazy, so that a function imports what it uses."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from clarion.clock import now
from clarion.settings import settings

if TYPE_CHECKING:
    from clarion.channels.cognito import CognitoAccounts
    from clarion.channels.job_queue import JobQueue
    from clarion.channels.queues import Queues
    from clarion.content.compose import MailComposer
    from clarion.domain.contact_export import ContactExport
    from clarion.domain.contact_import import ContactImport
    from clarion.domain.mail import MailChannel
    from clarion.domain.run import Run
    from clarion.edge.caller import Memberships
    from clarion.services.aggregation import AggregationService
    from clarion.services.audiences import AudienceService
    from clarion.services.campaigns import CampaignService
    from clarion.services.completion import CompletionService
    from clarion.services.contacts import ContactService
    from clarion.services.conversions import ConversionService
    from clarion.services.export_run import ExportRun
    from clarion.services.exports import ExportService
    from clarion.services.import_run import ImportRun
    from clarion.services.imports import ImportService
    from clarion.services.organisations import OrganisationService
    from clarion.services.planning import PlanService
    from clarion.services.reporting import ReportingService
    from clarion.services.sending import SendService
    from clarion.services.sign_in import SignInService
    from clarion.services.starting import StartService
    from clarion.services.templates import TemplateService
    from clarion.services.vendor_events import VendorEventService
    from clarion.storage.campaigns import CampaignTable
    from clarion.storage.contact_documents import ContactDocuments
    from clarion.storage.contacts import ContactTable
    from clarion.storage.files import Files
    from clarion.storage.organisations import OrganisationTable
    from clarion.storage.records import RecordTable
    from clarion.storage.runs import RunTable
    from clarion.storage.suppressions import SuppressionTable
    from clarion.storage.table import Table


@cache
def aws(service: str) -> Any:
    """A botocore client that shares one session; adaptive retries, since all these calls can be repeated."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=20)
    return boto3.client(service, config=config)  # type: ignore[call-overload]


@cache
def table() -> "Table":
    from clarion.storage.table import Table

    return Table(aws("dynamodb"), settings().table_name)


@cache
def memberships() -> "Memberships":
    return organisation_table()


# --- campaigns and their delivery


@cache
def runs() -> "RunTable":
    from clarion.storage.runs import RunTable

    return RunTable(table())


@cache
def campaign_table() -> "CampaignTable":
    from clarion.storage.campaigns import CampaignTable

    return CampaignTable()


@cache
def queues() -> "Queues":
    from clarion.channels.queues import Queues

    return Queues(aws("sqs"), settings().plan_queue_url, settings().send_queue_url)


@cache
def completion() -> "CompletionService":
    from clarion.services.completion import CompletionService

    return CompletionService(campaign_table(), runs(), now)


@cache
def campaigns() -> "CampaignService":
    from clarion.channels.availability import DeployedChannels
    from clarion.services.campaigns import CampaignService

    channels = DeployedChannels(settings())
    return CampaignService(campaign_table(), runs(), audiences(), templates(), queues(), channels, now)


@cache
def planning() -> "PlanService":
    from clarion.services.planning import PlanService

    return PlanService(contact_documents(), runs(), queues(), completion())


@cache
def sending() -> "SendService":
    from clarion.services.sending import SendService

    return SendService(
        runs(), contact_documents(), suppression_table(), composer_of, mail_channel(), queues(), completion(), now
    )


@cache
def starting() -> "StartService":
    from clarion.services.starting import StartService
    from clarion.storage.due import DueTable

    return StartService(DueTable(table()), campaign_table(), campaigns(), runs(), queues(), completion(), now)


@cache
def mail_channel() -> "MailChannel":
    """The adapter that the parameter EmailChannel names."""
    if settings().email_channel == "smtp":
        from clarion.channels.smtp import SmtpChannel
        from clarion.channels.smtp_server import SmtpServer

        return SmtpChannel(SmtpServer.parse(settings().smtp_url))
    if settings().email_channel == "null":
        from clarion.channels.null import NullChannel

        return NullChannel()
    from clarion.channels.ses import SesChannel, create_client

    return SesChannel(create_client(), settings().ses_configuration_set)


@lru_cache(maxsize=32)
def composer_of(run: "Run") -> "MailComposer":
    """A run's composer: its content is immutable, so a warm worker keeps it."""
    from clarion.content.compose import MailComposer
    from clarion.content.render import CompiledMail
    from clarion.hot.token import Signer
    from clarion.hot.urls import TrackingUrls

    run_id = run.id
    signer = Signer.of(settings().tracking_keys)
    urls = TrackingUrls(signer, settings().public_url, run_id.org, run_id.campaign, run_id.run, run.step, run.channel)
    return MailComposer(run, CompiledMail.from_json(runs().content(run)), urls)


# --- people, audiences, templates


@cache
def organisation_table() -> "OrganisationTable":
    from clarion.storage.organisations import OrganisationTable

    return OrganisationTable(table())


@cache
def accounts() -> "CognitoAccounts":
    from clarion.channels.cognito import CognitoAccounts

    return CognitoAccounts(aws("cognito-idp"), settings().user_pool_id, settings().user_pool_client_id)


@cache
def sign_in() -> "SignInService":
    from clarion.services.sign_in import SignInService

    return SignInService(accounts(), organisation_table(), now)


@cache
def organisations() -> "OrganisationService":
    from clarion.services.organisations import OrganisationService

    return OrganisationService(organisation_table(), accounts(), now)


@cache
def audiences() -> "AudienceService":
    from clarion.domain.saved_audience import Audience
    from clarion.services.audiences import AudienceService
    from clarion.storage.records import RecordTable

    return AudienceService(RecordTable("AUDIENCE", Audience), now)


@cache
def templates() -> "TemplateService":
    from clarion.content.compile import compile_mail
    from clarion.services.templates import TemplateService
    from clarion.storage.templates import TemplateTable

    return TemplateService(TemplateTable(table()), contact_table(), compile_mail, now)


# --- contacts


@cache
def contact_table() -> "ContactTable":
    from clarion.storage.contacts import ContactTable

    return ContactTable(table())


@cache
def contact_documents() -> "ContactDocuments":
    from clarion.storage.contact_documents import ContactDocuments

    return ContactDocuments(aws("dynamodb"), settings().table_name)


@cache
def suppression_table() -> "SuppressionTable":
    from clarion.storage.suppressions import SuppressionTable

    return SuppressionTable(table())


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
def imports() -> "ImportService":
    from clarion.services.imports import ImportService

    return ImportService(import_records(), files(), import_queue(), now)


@cache
def import_run() -> "ImportRun":
    from clarion.services.import_run import ImportRun
    from clarion.storage.contact_upserts import ContactUpserts

    return ImportRun(import_records(), files(), ContactUpserts(table()), import_queue(), now)


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
def exports() -> "ExportService":
    from clarion.services.exports import ExportService

    return ExportService(export_records(), files(), export_queue(), now)


@cache
def export_run() -> "ExportRun":
    from clarion.services.export_run import ExportRun

    return ExportRun(export_records(), files(), contact_documents(), export_queue(), now)


# --- engagement


@cache
def aggregation() -> "AggregationService":
    from clarion.services.aggregation import AggregationService
    from clarion.storage.engagement import EngagementTable

    return AggregationService(EngagementTable(table()))


@cache
def reporting() -> "ReportingService":
    from clarion.services.reporting import ReportingService
    from clarion.storage.counters import CounterTable

    return ReportingService(CounterTable(table()))


@cache
def conversions() -> "ConversionService":
    from clarion.services.conversions import ConversionService
    from clarion.storage.conversions import ConversionTable

    return ConversionService(ConversionTable(table()), contact_table(), now)


@cache
def ses_events() -> "VendorEventService":
    from clarion.channels.ses_events import event_of
    from clarion.services.vendor_events import VendorEventService
    from clarion.storage.vendor_events import VendorEventTable

    return VendorEventService(VendorEventTable(table()), event_of)
