"""Campaigns and their delivery."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table
from clarion.wiring.contacts import contact_documents
from clarion.wiring.engagement import experiments, guarding
from clarion.wiring.integrations import organisation_channels
from clarion.wiring.library import audiences, templates
from clarion.wiring.operations import signs_of_life
from clarion.wiring.people import cached_rules, sending_rules_table
from clarion.wiring.suppressions import suppression_table

if TYPE_CHECKING:
    from clarion.channels.entry_queue import EntryQueue
    from clarion.channels.queues import Queues
    from clarion.content.render import CompiledMail
    from clarion.content.text import CompiledText
    from clarion.domain.mail import MailChannel
    from clarion.domain.message_channel import MessageChannel
    from clarion.domain.run import BatchId, Run, RunId
    from clarion.hot.urls import TrackingUrls
    from clarion.services.addressing import Addressing, Composer
    from clarion.services.allowances import Allowances
    from clarion.services.campaigns import CampaignService
    from clarion.services.completion import CompletionService
    from clarion.services.launching import LaunchPreparation
    from clarion.services.planning import PlanService
    from clarion.services.sending import SendService
    from clarion.services.starting import StartService
    from clarion.storage.batches import BatchTable
    from clarion.storage.campaigns import CampaignTable
    from clarion.storage.entries import EntryTable
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
def queues() -> "Queues":
    from clarion.channels.queues import Queues

    return Queues(aws("sqs"), settings().plan_queue_url, settings().send_queue_url)


@cache
def batches() -> "BatchTable":
    from clarion.storage.batches import BatchTable

    return BatchTable(table())


@cache
def completion() -> "CompletionService":
    from clarion.services.completion import CompletionService

    return CompletionService(campaign_table(), runs(), now)


@cache
def preparation() -> "LaunchPreparation":
    from clarion.content.links import unsafe_url
    from clarion.services.launch_contents import ContentCompiler
    from clarion.services.launching import LaunchPreparation

    contents = ContentCompiler(templates(), unsafe_url)
    return LaunchPreparation(audiences(), contents, organisation_channels(), sending_rules_table())


@cache
def campaigns() -> "CampaignService":
    from clarion.services.campaigns import CampaignService

    return CampaignService(campaign_table(), runs(), preparation(), queues(), guarding(), now)


@cache
def entries() -> "EntryTable":
    from clarion.storage.entries import EntryTable

    return EntryTable(table())


@cache
def entry_queue() -> "EntryQueue":
    from clarion.channels.entry_queue import EntryQueue

    return EntryQueue(aws("sqs"), settings().entry_queue_url)


@cache
def planning() -> "PlanService":
    from clarion.services.planning import PlanService
    from clarion.services.shard_tasks import ShardTasks

    tasks = ShardTasks(runs(), batches(), queues(), now)
    return PlanService(contact_documents(), runs(), batches(), entries(), queues(), completion(), tasks, now)


@cache
def addressing() -> "Addressing":
    from clarion.services.addressing import Addressing
    from clarion.services.exits import JourneyExits
    from clarion.storage.engagement import EngagementTable

    return Addressing(contact_documents(), suppression_table(), JourneyExits(EngagementTable(table())))


@cache
def allowances() -> "Allowances":
    from time import sleep

    from clarion.services.allowances import Allowances
    from clarion.storage.frequency_caps import FrequencyCapTable
    from clarion.storage.rates import RateTable

    return Allowances(FrequencyCapTable(table(), parallel=8), RateTable(table()), now, sleep)


@cache
def sending() -> "SendService":
    from clarion.services.lost_calls import LostCalls
    from clarion.services.sending import SendService
    from clarion.wiring.posts import publications

    return SendService(
        runs(),
        batches(),
        addressing(),
        allowances(),
        composer_of,
        adapter_of,
        queues(),
        completion(),
        LostCalls(publications()),
        cached_rules(),
        signs_of_life(),
        now,
    )


@cache
def starting() -> "StartService":
    from clarion.services.starting import StartService
    from clarion.services.supervision import Supervision
    from clarion.storage.due import DueTable

    supervision = Supervision(
        runs(), campaign_table(), queues(), entry_queue(), completion(), experiments(), guarding(), cached_rules()
    )
    due = DueTable(table(), workers=16)
    return StartService(due, campaign_table(), campaigns(), runs(), supervision, queues(), now)


def adapter_of(org_id: str, channel: str) -> "MessageChannel":
    """What an organisation's messages leave by. Raises RuleBroken or Conflict where nothing is connected."""
    match channel:
        case "sms":
            from clarion.wiring.texts import text_delivery

            return text_delivery(org_id)
        case "social":
            from clarion.wiring.posts import post_delivery

            return post_delivery(org_id)
        case "ads":
            from clarion.wiring.adverts import ad_delivery

            return ad_delivery(org_id)
    from clarion.wiring.integrations import channel_for

    adapter: MessageChannel = channel_for(org_id, channel).adapter
    return adapter


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


@lru_cache(maxsize=64)
def compiled_content(run_id: "RunId", digest: str) -> "CompiledMail":
    """Content never changes under its digest, so a warm worker keeps it."""
    from clarion.content.render import CompiledMail

    return CompiledMail.from_json(runs().content(run_id, digest))


@lru_cache(maxsize=64)
def compiled_text(run_id: "RunId", digest: str) -> "CompiledText":
    """Likewise."""
    from clarion.content.text import CompiledText

    return CompiledText.from_json(runs().content(run_id, digest))


def tracking_urls(run: "Run", step: str) -> "TrackingUrls":
    """Those of one step of a run."""
    from clarion.hot.token import Signer
    from clarion.hot.urls import TrackingUrls

    run_id, signer = run.id, Signer.of(settings().tracking_keys)
    return TrackingUrls(signer, settings().public_url, run_id.org, run_id.campaign, run_id.run, step, run.channel)


def composer_of(run: "Run", batch_id: "BatchId", variant: str) -> "Composer":
    """Composes the messages of one step and variant of a run."""
    step, content = run.step(batch_id).id, run.content_of(batch_id, variant)
    urls = tracking_urls(run, step)
    match run.channel:
        case "sms":
            from clarion.content.compose_text import TextComposer
            from clarion.wiring.texts import text_sender

            text = compiled_text(run.id, content.digest)
            return TextComposer(run, step, content.first_link, text, urls, text_sender(run.id.org))
        case "social":
            from clarion.wiring.posts import post_composer

            return post_composer(run, batch_id, variant)
        case "ads":
            from clarion.wiring.adverts import ad_composer

            return ad_composer(run, batch_id, variant)
    from clarion.content.compose import MailComposer

    return MailComposer(run, step, content.first_link, compiled_content(run.id, content.digest), urls)
