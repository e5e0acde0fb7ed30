"""Unsubscribing by a genuine token: suppress the message's address and record the event, both or neither."""

from datetime import datetime
from typing import Literal

from clarion import keys
from clarion.hot.hits import Hit, event_item
from clarion.hot.table import HotTable
from clarion.hot.token import Ticket

Source = Literal["one-click", "page"]


def source_of(fields: dict[str, str]) -> Source | None:
    """Who asks: the mailbox provider (RFC 8058), or a person on our page; ``None`` for a form that is neither."""
    if fields.get("List-Unsubscribe", "").lower() == "one-click":
        return "one-click"
    return "page" if fields.get("confirm") == "unsubscribe" else None


def unsubscribe(table: HotTable, ticket: Ticket, hit: Hit, source: Source, moment: datetime) -> str | None:
    """``"suppressed"``, ``"suppressed before"``, or ``None`` where there is no such message any more.

    ``DynamoError`` when nothing is certain: the caller must not claim success. Repeating is harmless: the first
    suppression stays as it is.
    """
    message = keys.message(ticket.org, ticket.contact, hit.campaign, ticket.run, hit.step, ticket.channel)
    address = table.text(message, "to")
    if not address:
        return None
    event = event_item("unsubscribe", source, ticket, hit, moment)
    suppression = {
        **keys.suppression(ticket.org, ticket.channel, address),
        "address": address,
        "channel": ticket.channel,
        "reason": "unsubscribed",
        "source": source,
        "campaign": hit.campaign,
        "contact": ticket.contact,
        "created_at": event["at"],
    }
    return "suppressed" if table.put_with_first(event, suppression) else "suppressed before"
