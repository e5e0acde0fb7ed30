"""Unsubscribing by a genuine token: suppress the message's address and record the event, both or neither."""

from datetime import datetime
from typing import Literal

from clarion import keys
from clarion.hot.hits import Hit, event_item
from clarion.hot.table import HotTable
from clarion.hot.token import Ticket

Source = Literal["one-click", "page"]
RECIPIENTS_WORD = ("unsubscribed", "opt_out", "complaint")
"""Reasons of suppressions that an unsubscribe leaves as they are: `clarion.domain.suppression` has the rule."""


def source_of(fields: dict[str, str]) -> Source | None:
    """Who asks: the mailbox provider (RFC 8058), or a person on our page; ``None`` for a form that is neither."""
    if fields.get("List-Unsubscribe", "").lower() == "one-click":
        return "one-click"
    return "page" if fields.get("confirm") == "unsubscribe" else None


def unsubscribe(table: HotTable, ticket: Ticket, hit: Hit, source: Source, moment: datetime) -> str | None:
    """``"suppressed"``, ``"suppressed before"``, or ``None`` where there is no such message any more.

    ``DynamoError`` when nothing is certain: the caller must not claim success. Repeating is harmless: the first
    word of the recipient stays as it is.
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
    new = table.put_with_suppression(event, suppression, staying=RECIPIENTS_WORD)
    return "suppressed" if new else "suppressed before"
