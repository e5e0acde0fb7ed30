"""Campaigns and their delivery."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table
from clarion.wiring.contacts import contact_documents, suppression_table
from clarion.wiring.library import audiences, templates

if TYPE_CHECKING:
    from clarion.channels.queues import Queues
    from clarion.content.compose import MailComposer
    from clarion.domain.mail import MailChannel
    from clarion.domain.run import Run
    from clarion.services.campaigns import CampaignService
    from clarion.services.completion import CompletionService
    from clarion.services.planning import PlanService
    from clarion.services.sending import SendService
    from clarion.services.starting import StartService
    from clarion.storage.campaigns import CampaignTable
    from clarion.storage.recipients import RecipientTable
    from clarion.storage.runs import RunTable


@cache
def runs() -> "RunTable":
    from clarion.storage.runs import RunTable

    return RunTable(table())


@cache
def campaign_table() -> "CampaignTable":
    from clarion.storage.campaigns import CampaignTable

    return CampaignTable()


@cache
def recipients() -> "RecipientTable":
    from clarion.storage.recipients import RecipientTable

    return RecipientTable(table())


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
