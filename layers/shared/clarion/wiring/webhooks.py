"""What vendors tell by webhooks."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import table
from clarion.wiring.integrations import connected_platforms

if TYPE_CHECKING:
    from clarion.domain.platform import Platform
    from clarion.services.mail_webhooks import MailgunWebhook, SendGridWebhook
    from clarion.services.social_events import SocialEventService
    from clarion.services.social_webhooks import SocialWebhook
    from clarion.services.webhooks import WebhookCredentials


def webhook_url(org_id: str, platform: "Platform") -> str | None:
    """Where a platform reports to of an organisation's messages; None for one that does not."""
    return f"{settings().public_url}/connect/webhooks/{platform.webhook}/{org_id}" if platform.webhook else None


@cache
def webhook_credentials() -> "WebhookCredentials":
    from clarion.services.webhooks import WebhookCredentials

    return WebhookCredentials(connected_platforms())


@cache
def sendgrid_webhook() -> "SendGridWebhook":
    from clarion.channels.sendgrid_events import event_of, messages_of
    from clarion.channels.sendgrid_webhook import is_genuine
    from clarion.services.mail_webhooks import SendGridWebhook
    from clarion.services.vendor_events import VendorEventService
    from clarion.storage.vendor_events import VendorEventTable

    events = VendorEventService(VendorEventTable(table()), event_of)
    return SendGridWebhook(webhook_credentials(), is_genuine, messages_of, events, now)


@cache
def mailgun_webhook() -> "MailgunWebhook":
    from clarion.channels.mailgun_signature import is_mailguns
    from clarion.channels.mailgun_webhook import event_of, request_of
    from clarion.services.mail_webhooks import MailgunWebhook
    from clarion.services.vendor_events import VendorEventService
    from clarion.storage.vendor_events import VendorEventTable
    from clarion.storage.webhook_tokens import WebhookTokenTable

    events = VendorEventService(VendorEventTable(table()), event_of)
    tokens = WebhookTokenTable(table())
    return MailgunWebhook(webhook_credentials(), is_mailguns, request_of, tokens, events, now)


@cache
def meta_webhook() -> "SocialWebhook":
    from clarion.channels import meta_events, meta_signature
    from clarion.services.social_webhooks import SocialVendor, SocialWebhook

    meta = SocialVendor(
        platforms=("facebook", "instagram", "meta-ads"),
        header=meta_signature.HEADER,
        signing_key="clientSecret",
        handshake_key="webhookVerifyToken",
        is_signed=meta_signature.is_metas,
        answer=meta_signature.challenge_of,
        read=meta_events.events_of,
    )
    return SocialWebhook(meta, webhook_credentials(), _social_events())


@cache
def x_webhook() -> "SocialWebhook":
    from clarion.channels import x_events, x_signature
    from clarion.services.social_webhooks import SocialVendor, SocialWebhook

    x = SocialVendor(
        platforms=(x_events.SOURCE,),
        header=x_signature.HEADER,
        signing_key="webhookSecret",
        handshake_key="webhookSecret",
        is_signed=x_signature.is_xs,
        answer=x_signature.crc_answer,
        read=x_events.events_of,
    )
    return SocialWebhook(x, webhook_credentials(), _social_events())


def _social_events() -> "SocialEventService":
    from clarion.services.social_events import SocialEventService
    from clarion.storage.publications import PublicationTable
    from clarion.storage.tellings import TellingTable
    from clarion.storage.vendor_events import VendorEventTable

    return SocialEventService(PublicationTable(table()), VendorEventTable(table()), TellingTable(table()), now)
