"""What a run published to one outlet, and what it has reached there by the vendor's own count."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from clarion.domain.engagement import MessageRef
from clarion.domain.ids import derived_id
from clarion.domain.outlet import Outlet

FIRST_LOOK = timedelta(minutes=5)
"""A network needs a moment to list what is new, and somebody to see it."""
BETWEEN_LOOKS = timedelta(minutes=10)
"""Between the looks for what may or may not be out."""
LOOKS = 2
"""Looks in a row that must find nothing before it counts as never published, or as deleted."""
CORRECTIONS = timedelta(days=3)
"""How long after a campaign's end an ad vendor may correct what it has told."""

_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
_POST_PACES = (
    (timedelta(hours=2), _QUARTER),
    (timedelta(days=2), _HOUR),
    (timedelta(days=14), timedelta(hours=6)),
    (timedelta(days=90), _DAY),
)
_ENDLESS_AD_PACES = ((timedelta(days=30), _HOUR), (timedelta(days=400), _DAY))
"""Of a campaign without an end of its own."""


class PublicationState(StrEnum):
    """``calling → live → gone``; what was never published is ``absent``, and may be tried again."""

    CALLING = "calling"
    LIVE = "live"
    GONE = "gone"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One message of a run to one outlet, which stands in ``message`` as the contact.

    ``calling`` from just before the vendor is called until its answer is known. ``text`` and ``link`` are how it is
    found again. ``figures`` are the vendor's totals so far by metric (``views``, ``spend.EUR``), without those it does
    not tell. ``looks`` counts those in a row that found nothing. ``ends_at`` is an ad campaign's end. ``version`` rises
    with every write.
    """

    message: MessageRef
    outlet: Outlet
    made_at: datetime
    state: PublicationState = PublicationState.CALLING
    text: str = ""
    link: str | None = None
    vendor_id: str = ""
    published_at: datetime | None = None
    ends_at: datetime | None = None
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    polled_at: datetime | None = None
    next_poll: datetime | None = None
    looks: int = 0
    version: int = 0

    @property
    def id(self) -> str:
        """The same in every attempt: what our post, or our ad campaign, is called."""
        return publication_id(self.message)

    @property
    def published(self) -> bool:
        """Whether it is, or was, to be seen."""
        return self.state in (PublicationState.LIVE, PublicationState.GONE)

    @property
    def recognisable(self) -> bool:
        """Whether not finding it means anything: nobody can tell pictures alone from others."""
        return bool(self.link or self.text.strip())

    def begun(self) -> Self:
        """Just before the vendor is called: looked for soon, unless nothing could be recognised."""
        look_at = self.made_at + FIRST_LOOK if self.recognisable else None
        return replace(self, state=PublicationState.CALLING, next_poll=look_at, version=self.version + 1)

    def live(self, vendor_id: str, at: datetime) -> Self:
        """The vendor named it."""
        return replace(
            self,
            state=PublicationState.LIVE,
            vendor_id=vendor_id,
            published_at=at,
            next_poll=at + FIRST_LOOK,
            looks=0,
            version=self.version + 1,
        )

    def not_found(self, now: datetime) -> Self:
        """Asked for, and not there. After enough looks in a row it was never published, or is deleted; what was
        published keeps its figures."""
        looks = self.looks + 1
        if looks < LOOKS:
            return replace(self, looks=looks, next_poll=now + BETWEEN_LOOKS, version=self.version + 1)
        rest = PublicationState.GONE if self.published else PublicationState.ABSENT
        return replace(self, state=rest, looks=looks, next_poll=None, version=self.version + 1)

    def with_figures(self, figures: Mapping[str, Decimal], now: datetime, next_poll: datetime | None) -> Self:
        """What the vendor told now; a metric it leaves out this time keeps its total."""
        return replace(
            self,
            figures={**self.figures, **figures},
            polled_at=now,
            next_poll=next_poll,
            looks=0,
            version=self.version + 1,
        )

    def put_off(self, until: datetime | None) -> Self:
        """Nothing was learned; None gives it up."""
        return replace(self, next_poll=until, version=self.version + 1)

    def gained(self, figures: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """How ``figures`` differ from what is known; a total that fell is below nothing."""
        differences = {name: total - self.figures.get(name, Decimal(0)) for name, total in figures.items()}
        return {name: difference for name, difference in differences.items() if difference}

    def next_after(self, now: datetime) -> datetime | None:
        """When its totals are read next, having been read ``now``; None when they have settled."""
        since = self.published_at or self.made_at
        if self.ends_at is not None:
            if now < self.ends_at:
                return min(now + _HOUR, max(self.ends_at, now + _QUARTER))
            return now + _DAY if now < self.ends_at + CORRECTIONS else None
        paces = _ENDLESS_AD_PACES if self.message.channel == "ads" else _POST_PACES
        return next((now + pace for until, pace in paces if now - since < until), None)


def publication_id(message: MessageRef) -> str:
    """A ULID made of the message's name."""
    return derived_id("publication", *map(str, message))
