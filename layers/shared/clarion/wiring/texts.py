"""Text messages: how they leave, and what is written back."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.integrations import channel_for
from clarion.wiring.suppressions import suppression_table

if TYPE_CHECKING:
    from clarion.services.text_delivery import TextDelivery
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
