"""Twilio's requests to an organisation's webhook: whether they are its account's, and what they tell."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from clarion.channels.twilio import REPEATING
from clarion.channels.twilio_events import event_of
from clarion.channels.twilio_signature import is_twilios
from clarion.domain.errors import WebhookRefused
from clarion.domain.inbound_text import InboundText
from clarion.domain.vendor_events import Skipped, VendorEvent
from clarion.domain.vendor_request import VendorRequest


def read(
    credentials: Mapping[str, str], url: str, request: VendorRequest, received_at: datetime
) -> VendorEvent | InboundText | Skipped:
    """What a request tells that Twilio made to ``url``, our public address of it without the query.

    Its path as it arrived may hold a stage, or lack what a custom domain maps away, so of it the query alone is
    looked at. Raises WebhookRefused where it is not of the account that was connected, and MalformedEvent.
    """
    token, account = credentials.get("authToken"), credentials.get("accountSid")
    if not token or not account:
        raise WebhookRefused
    query = request.target.partition("?")[2]
    called = f"{url}?{query}" if query else url
    signature = request.headers.get("x-twilio-signature", "")
    settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
    # Twilio does not say whether what follows the # is signed along.
    spellings = (called, called + REPEATING)
    if not any(is_twilios([token], spelling, request.body, signature, settings) for spelling in spellings):
        raise WebhookRefused
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    if form.get("AccountSid") != account:
        raise WebhookRefused
    return event_of(request.query, form, received_at)
