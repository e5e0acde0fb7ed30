"""What happened to a message: events as they were recorded, the message's state, and the rows they are counted in."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from clarion import clock
from clarion.domain.suppression import Suppression as Listed
from clarion.domain.verdict import Click, Judgement, judge

RETENTION = timedelta(days=400)  # how long events are kept; the hot path repeats it in seconds
REMEMBERED = 1_000  # events a message item remembers one by one; docs/analytics.md says what happens beyond

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NAME = re.compile(r"[^#.:\s]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Malformed(Exception):
    """An event that cannot be counted; the text names the attribute, never its value."""


class Overtaken(Exception):
    """What was read has been changed by somebody else meanwhile: read again and recompute."""


class Kind(StrEnum):
    """What an event says happened (docs/table.md)."""

    DELIVERY = "delivery"
    OPEN = "open"
    CLICK = "click"
    REPLY = "reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    CONVERSION = "conversion"


class MessageRef(NamedTuple):
    """Names one message: one campaign's run and step, to one contact, on one channel."""

    org: str
    contact: str
    campaign: str
    run: int
    step: str
    channel: str


class CampaignDay(NamedTuple):
    """Counters of a campaign's UTC day (``2026-11-21``); ``metric_name`` says how its metrics are called."""

    org: str
    campaign: str
    date: str


class CampaignLink(NamedTuple):
    """Counters of one link of a run's step: ``clicks_<verdict>`` and ``unique_clicks``."""

    org: str
    campaign: str
    run: int
    step: str
    link: int


class OrganisationDay(NamedTuple):
    """Counters of an organisation's UTC day: conversions that no message earned."""

    org: str
    date: str


CounterRow = CampaignDay | CampaignLink | OrganisationDay
Increments = dict[CounterRow, dict[str, Decimal]]


def metric_name(channel: str, step: str, variant: str, metric: str) -> str:
    """``email.1.opens_human``, and of variant ``b`` of an A/B test ``email.1:b.opens_human``."""
    return f"{channel}.{step}:{variant}.{metric}" if variant else f"{channel}.{step}.{metric}"


def metric_parts(name: str) -> tuple[str, str, str, str]:
    """What ``metric_name`` was made of: channel, step, variant (``""`` where there is none), metric."""
    channel, place, metric = name.split(".", 2)
    step, _, variant = place.partition(":")
    return channel, step, variant, metric


@dataclass(frozen=True, slots=True)
class Event:
    """One immutable engagement event; ``sk`` identifies it within its contact. Raises Malformed.

    ``at`` is a stamp (`clock`); ``value`` an exact amount in ``currency`` (ISO 4217); ``message`` is missing where no
    message earned a conversion; ``counted`` marks an event that was counted without being remembered by its message.
    """

    org: str
    contact: str
    sk: str
    kind: Kind
    at: str
    message: MessageRef | None = None
    source: str = ""
    link: int | None = None
    user_agent: str = ""
    method: str = "GET"
    bounce_type: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    counted: bool = False

    def __post_init__(self) -> None:
        if not _STAMP.fullmatch(self.at):
            raise Malformed("at")
        try:
            clock.moment(self.at)
        except ValueError:
            raise Malformed("at") from None
        if self.message is None and self.kind is not Kind.CONVERSION:
            raise Malformed("msg")
        if self.message and not (_NAME.fullmatch(self.message.step) and _NAME.fullmatch(self.message.channel)):
            raise Malformed("msg")
        if self.kind is Kind.CLICK and (self.link is None or self.link < 0):
            raise Malformed("link")
        if self.kind is Kind.BOUNCE and self.bounce_type not in ("hard", "soft"):
            raise Malformed("bounce_type")
        if self.kind is Kind.CONVERSION:
            self._check_value()

    def _check_value(self) -> None:
        if self.value is None or not self.value.is_finite():
            raise Malformed("value")
        if not _CURRENCY.fullmatch(self.currency or ""):
            raise Malformed("currency")

    @property
    def day(self) -> str:
        """The UTC day it counts in."""
        return self.at[:10]

    @property
    def digest(self) -> bytes:
        """12 bytes by which a message remembers it."""
        return blake2b(self.sk.encode(), digest_size=12).digest()

    def judged(self) -> Judgement:
        """What an open or a click says of itself."""
        return judge("click" if self.kind is Kind.CLICK else "open", self.user_agent, self.method)

    def click(self) -> Click:
        """The click as the burst rule sees it."""
        assert self.link is not None  # noqa: S101 - held by __post_init__
        return Click(self.at, self.link, self.judged().verdict)


@dataclass(frozen=True, slots=True)
class MessageState:
    """The engagement part of a message item, attribute by attribute (docs/table.md); times are stamps.

    It depends on the set of events applied alone, not on their order. Opens and clicks with a time are those that count
    as a person's (human or unsure). ``to`` and ``variant`` (``""`` outside A/B tests) are the claim's and stay, and
    ``unknown`` is the ledger's: nobody knows whether the message left.
    """

    version: int = 0
    applied: frozenset[bytes] = frozenset()
    to: str | None = None
    variant: str = ""
    unknown: bool = False
    delivered_at: str | None = None
    bounced_at: str | None = None
    bounce_type: str | None = None
    complained_at: str | None = None
    unsubscribed_at: str | None = None
    replied_at: str | None = None
    first_open_at: str | None = None
    last_open_at: str | None = None
    opens_human: int = 0
    opens_machine: int = 0
    opens_unsure: int = 0
    clicks: tuple[Click, ...] = ()
    first_click_at: str | None = None
    last_click_at: str | None = None
    clicks_human: int = 0
    clicks_machine: int = 0
    clicks_unsure: int = 0
    links: dict[int, int] = field(default_factory=dict)
    first_conversion_at: str | None = None
    conversions: int = 0
    rules: int = 0


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that nothing may be sent to any more, and the bounce, complaint or unsubscribe that says so.

    ``over`` is what is on the list now, and gives way to it.
    """

    org: str
    channel: str
    address: str
    reason: str
    source: str
    campaign: str
    contact: str
    at: str
    over: Listed | None = field(default=None, compare=False)
