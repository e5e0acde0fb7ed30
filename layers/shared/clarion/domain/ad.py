"""One advertising campaign as a vendor is asked to make it, and what it has cost and brought.

Campaigns are made paused: only a person starts spending, in the vendor's own pages. Nothing but the standard library
is loaded.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.post import Absent

SpecialCategory = Literal["employment", "financial", "gambling", "housing", "politics"]
"""What laws and vendors treat apart; an advertiser must say so."""

MAX_NAME = 200
"""Characters of a campaign's name, our id apart."""
LEAD = timedelta(minutes=10)
"""Vendors refuse what begins in the past, and a campaign takes a while to be made."""


class TextRule(NamedTuple):
    """How few and how many texts, and how many characters each."""

    least: int
    most: int
    length: int


SEARCH_HEADLINES, SEARCH_DESCRIPTIONS = TextRule(3, 15, 30), TextRule(2, 4, 90)
"""Of a responsive search ad (https://support.google.com/google-ads/answer/7684791)."""
KEYWORD_LENGTH, KEYWORD_WORDS = 80, 10
"""https://developers.google.com/google-ads/api/reference/rpc/latest/KeywordInfo"""
WHOLE_UNIT_CURRENCIES = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})
"""Currencies whose budgets Meta counts in whole units, all others in hundredths
(https://developers.facebook.com/docs/marketing-api/currencies)."""

_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_URL = re.compile(r"[!-~]{1,2000}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdCampaign:
    """ValueError says which field cannot be advertised.

    ``id`` is ours; it is part of the vendor's name for the campaign, by which a repeated attempt finds it.
    ``daily_budget`` is in whole units of ``currency`` (ISO 4217), which must be the ad account's. ``url`` is our
    tracking link, which in development may lead to this machine by http. ``countries`` are ISO 3166-1 alpha-2.
    ``keywords`` are for search, ``image_url`` for feeds.
    ``audience_id`` is the vendor's name of an uploaded audience. ``advertiser`` is who pays, shown in the EU.
    """

    id: str
    name: str
    daily_budget: Decimal
    currency: str
    url: str
    headlines: tuple[str, ...]
    descriptions: tuple[str, ...]
    countries: tuple[str, ...]
    advertiser: str
    start_at: datetime
    end_at: datetime | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    audience_id: str | None = None
    special_categories: frozenset[SpecialCategory] = frozenset()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"not an id: {self.id!r}")
        if not self.name.strip() or len(self.name) > MAX_NAME:
            raise ValueError(f"the name has 1 to {MAX_NAME} characters")
        if (
            not self.daily_budget.is_finite()
            or self.daily_budget <= 0
            or self.daily_budget != round(self.daily_budget, 2)
        ):
            raise ValueError("the daily budget is more than nothing, in whole cents")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"not an ISO 4217 currency: {self.currency!r}")
        if self.audience_id is not None and not self.audience_id.isdigit():
            raise ValueError("an uploaded audience has a number")
        if not _is_public(self.url) and not _is_loopback(self.url):
            raise ValueError("the addresses of an ad are https, in ASCII")
        if self.image_url is not None and not _is_public(self.image_url):
            raise ValueError("the addresses of an ad are https, in ASCII")
        if not self.headlines or not self.descriptions or not self.advertiser.strip():
            raise ValueError("an ad has a headline, a description and an advertiser")
        if not self.countries or not all(_COUNTRY.fullmatch(country) for country in self.countries):
            raise ValueError("an ad is shown in countries, of two letters each")
        if self.start_at.tzinfo is None or (self.end_at is not None and self.end_at.tzinfo is None):
            raise ValueError("start and end have a time zone")
        if self.end_at is not None and self.end_at <= self.start_at:
            raise ValueError("the end is after the start")

    @property
    def marker(self) -> str:
        """What tells the vendor's campaign from all others."""
        return marker_of(self.id)

    @property
    def vendor_name(self) -> str:
        """Our name and id, as the vendor shows them."""
        return f"{' '.join(self.name.split())} {self.marker}"


def marker_of(campaign_id: str) -> str:
    """``[01JD…]``, in the vendor's name for a campaign."""
    return f"[{campaign_id}]"


def soonest_start(planned: datetime, now: datetime) -> datetime:
    """When a campaign that is made now can begin."""
    return max(planned, now + LEAD)


@dataclass(frozen=True, slots=True)
class AdResults:
    """``spend`` is in whole units of ``currency``, which is None before anything was spent.

    ``clicks`` lead to our link; a vendor's ``conversions`` may be fractions.
    """

    spend: Decimal = Decimal(0)
    currency: str | None = None
    impressions: int = 0
    clicks: int = 0
    conversions: Decimal = Decimal(0)

    def figures(self) -> dict[str, Decimal]:
        """By metric, as counters name them; what was spent as ``spend.EUR``."""
        told = {
            "impressions": Decimal(self.impressions),
            "vendor_clicks": Decimal(self.clicks),
            "vendor_conversions": self.conversions,
        }
        return told | ({f"spend.{self.currency}": self.spend} if self.currency else {})


class AdPlatform(Protocol):
    """A vendor of advertising. No method raises for what the vendor does or fails to do."""

    def create(self, campaign: AdCampaign) -> Accepted | Rejected | Retry | Stop:
        """Make it, paused, or go on with what a former attempt has made: repeating it makes nothing twice.

        The vendor id is the vendor's campaign. Nothing is spent, so what is unclear is a `Retry`.
        """
        ...

    def find(self, campaign_id: str) -> Accepted | Absent | Retry | Stop:
        """Whether the campaign of our ``campaign_id`` is there with all that belongs to it; one that was begun and not
        finished is `Absent`, and `create` goes on with it."""
        ...

    def results(self, vendor_id: str, since: date, until: date) -> AdResults | Absent | Retry | Stop:
        """Totals of the days from ``since`` to ``until``, both included, in the ad account's time zone."""
        ...


def _is_public(url: str) -> bool:
    return bool(_URL.fullmatch(url) and urlsplit(url).scheme == "https" and urlsplit(url).hostname)


def _is_loopback(url: str) -> bool:
    """A tracking link of a stack on this machine, which only development channels show."""
    if not _URL.fullmatch(url) or urlsplit(url).scheme != "http":
        return False
    host = urlsplit(url).hostname or ""
    return host in _LOOPBACK or host.endswith(".localhost")
