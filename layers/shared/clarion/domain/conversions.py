"""Conversions: something worth money that a contact did, and which message earned it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from clarion import clock
from clarion.domain.engagement import MessageRef
from clarion.domain.verdict import Click, Verdict, click_verdicts

WINDOW = timedelta(days=30)  # how long a click, or else a message, may have been ago
CLOCK_SKEW = timedelta(minutes=5)  # how far a caller's clock may run ahead


class Attribution(StrEnum):
    """Why a message earned a conversion: the caller named the ``message`` itself or its ``campaign``, or it has the
    latest ``click``, or is the latest ``send``."""

    MESSAGE = "message"
    CAMPAIGN = "campaign"
    CLICK = "click"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class ConversionDetails:
    """What the caller says. ``conversion_id`` is the caller's own; ``occurred_at`` is now where it is missing."""

    conversion_id: str
    value: Decimal
    currency: str
    campaign_id: str | None = None
    type: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NamedMessage:
    """A message as the caller names it: by the ``token`` of one of its links or pictures, or by its contact, in ``run``
    or else the latest. Exactly one of ``token`` and ``contact_id`` is given."""

    campaign_id: str
    step: str
    token: str | None = None
    contact_id: str | None = None
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """A recorded conversion; ``message`` and ``attribution`` are missing where no message earned it."""

    details: ConversionDetails
    contact_id: str
    occurred_at: datetime
    created_at: datetime
    message: MessageRef | None
    attribution: Attribution | None

    def repeats(self, contact_id: str, details: ConversionDetails, named: MessageRef | None = None) -> bool:
        """Whether the caller says the same again, of the same ``named`` message if of any. Where no time was given,
        any time is the same."""
        mine, same_time = self.details, details.occurred_at in (None, self.occurred_at)
        same_message = named == (self.message if self.attribution is Attribution.MESSAGE else None)
        said = (details.value, details.currency, details.campaign_id, details.type)
        return (
            same_time
            and same_message
            and contact_id == self.contact_id
            and said == (mine.value, mine.currency, mine.campaign_id, mine.type)
        )


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that went out, or may have; ``sent_at`` is a stamp."""

    message: MessageRef
    sent_at: str


def earned_by(
    occurred_at: datetime,
    campaign_id: str | None,
    messages: Sequence[SentMessage],
    clicks: Iterable[tuple[MessageRef, Click]],
) -> tuple[MessageRef, Attribution] | None:
    """The message that earned a conversion: the one with the person's latest click in the 30 days before it, or else
    the latest one sent in those days. Only the named campaign's messages count where one is named, however old."""
    until = clock.stamp(occurred_at)
    since = clock.stamp(occurred_at - WINDOW)
    own = [each for each in messages if campaign_id in (None, each.message.campaign)]
    sent = [each for each in own if campaign_id or since <= each.sent_at <= until]
    latest = _latest_click({each.message for each in own}, clicks, since, until)
    if latest:
        return latest, Attribution.CAMPAIGN if campaign_id else Attribution.CLICK
    if sent:
        newest = max(sent, key=lambda each: (each.sent_at, each.message))
        return newest.message, Attribution.CAMPAIGN if campaign_id else Attribution.SEND
    return None


def _latest_click(
    messages: set[MessageRef], clicks: Iterable[tuple[MessageRef, Click]], since: str, until: str
) -> MessageRef | None:
    by_message: defaultdict[MessageRef, list[Click]] = defaultdict(list)
    for message, click in clicks:
        by_message[message].append(click)
    times = [
        (click.at, message)
        for message in messages & set(by_message)
        for click, verdict in zip(by_message[message], click_verdicts(by_message[message]), strict=True)
        if verdict is not Verdict.MACHINE and since <= click.at <= until
    ]
    return max(times)[1] if times else None
