"""Text messages: how they leave, and what is written back; what an organisation's own AWS account tells."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import table
from clarion.wiring.integrations import channel_for
from clarion.wiring.suppressions import suppression_table
from clarion.wiring.webhooks import webhook_credentials

if TYPE_CHECKING:
    from clarion.channels.sns_http import SnsHttp
    from clarion.channels.sns_signature import SnsSignatures
    from clarion.domain.vendor_request import VendorRequest
    from clarion.services.organisation_events import OrganisationEvents
    from clarion.services.sns_webhooks import SnsWebhook
    from clarion.services.text_delivery import TextDelivery
    from clarion.services.text_webhooks import TextWebhook
    from clarion.storage.phones import PhoneTable


@cache
def phones() -> "PhoneTable":
    from clarion.storage.phones import PhoneTable

    return PhoneTable(table(), parallel=5)


def text_delivery(org_id: str) -> "TextDelivery":
    """What an organisation's text messages leave by; raises as `channel_for`."""
    from clarion.services.text_delivery import TextDelivery

    found = channel_for(org_id, "sms")
    return TextDelivery(org_id, found.platform, found.adapter, phones(), suppression_table(), now)


def text_sender(org_id: str) -> str:
    """What an organisation's text messages are sent from; raises as `channel_for`."""
    return channel_for(org_id, "sms").sender


@cache
def organisation_events() -> "OrganisationEvents":
    from clarion.channels.twilio_events import SOURCE
    from clarion.services.inbound_texts import InboundTextService
    from clarion.services.organisation_events import OrganisationEvents
    from clarion.storage.tellings import TellingTable
    from clarion.storage.vendor_events import VendorEventTable

    events, tellings = VendorEventTable(table()), TellingTable(table())
    inbound = InboundTextService(tellings, phones(), suppression_table(), events)
    return OrganisationEvents(events, tellings, inbound, untimed=frozenset({SOURCE}))


@cache
def twilio_webhook() -> "TextWebhook":
    from clarion.channels.twilio import status_callback
    from clarion.channels.twilio_requests import read
    from clarion.services.text_webhooks import TextWebhook

    def address_of(org_id: str, request: "VendorRequest") -> str:
        # A function cannot be told the address of the API that calls it: that address is made after it.
        return status_callback(settings().public_url or f"https://{request.headers.get('host', '')}", org_id)

    return TextWebhook("twilio", webhook_credentials(), address_of, read, organisation_events(), now)


@cache
def sns_http() -> "SnsHttp":
    from clarion.channels.sns_http import SnsHttp

    return SnsHttp()


@cache
def sns_signatures() -> "SnsSignatures":
    from clarion.channels.sns_signature import SnsSignatures

    return SnsSignatures(lambda url: sns_http().certificate(url))


@cache
def aws_sms_webhook() -> "SnsWebhook":
    from clarion.channels.aws_sms_events import event_of
    from clarion.services.sns_webhooks import SnsWebhook

    return SnsWebhook(
        "aws-sms",
        webhook_credentials(),
        sns_signatures(),
        lambda url: sns_http().confirm(url),
        event_of,
        organisation_events(),
        now,
    )


@cache
def ses_webhook() -> "SnsWebhook":
    from clarion.channels.ses_events import event_of
    from clarion.services.sns_webhooks import SnsWebhook

    return SnsWebhook(
        "ses",
        webhook_credentials(),
        sns_signatures(),
        lambda url: sns_http().confirm(url),
        lambda envelope, _: event_of(envelope),
        organisation_events(),
        now,
    )
