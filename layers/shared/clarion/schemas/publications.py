"""What a campaign's runs published, as the API gives it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field

from clarion.domain.model import Model
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication, PublicationState
from clarion.domain.publication_page import page_of
from clarion.schemas.analytics import money

_SPEND = "spend."


class OutletView(Model):
    """A social profile or an ad account; `id` stands where a contact's would in recipients and tracking links."""

    id: str
    platform: str
    profile: str = Field(description="The vendor's id of it.")
    name: str

    @classmethod
    def of(cls, outlet: Outlet) -> Self:
        return cls(id=outlet.id, platform=outlet.platform, profile=outlet.profile, name=outlet.name)


class PublicationFiguresView(Model):
    """The vendor's totals so far; null is what it does not tell, which is not 0. `spend` holds exact decimals as text,
    by currency."""

    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    impressions: int | None
    vendor_clicks: int | None
    vendor_conversions: float | None
    spend: dict[str, str]

    @classmethod
    def of(cls, figures: Mapping[str, Decimal]) -> Self:
        counts = ("views", "likes", "comments", "shares", "impressions", "vendor_clicks")
        conversions = figures.get("vendor_conversions")
        return cls(
            **{name: int(figures[name]) if name in figures else None for name in counts},
            vendor_conversions=None if conversions is None else float(conversions),
            spend={
                name.removeprefix(_SPEND): money(amount)
                for name, amount in sorted(figures.items())
                if name.startswith(_SPEND)
            },
        )


class PublicationView(Model):
    """One post on one profile, or one ad campaign of one account."""

    outlet: OutletView
    channel: Literal["social", "ads"]
    run: int
    step: str
    state: PublicationState = Field(
        description="`live`; `gone` once deleted there; `calling` while nobody knows; `absent` when it was never out."
    )
    vendor_id: str | None = Field(description="The vendor's name for it.")
    url: str | None = Field(description="Where it is shown, as far as the vendor's name for it tells.")
    published_at: datetime | None
    figures: PublicationFiguresView
    polled_at: datetime | None = Field(description="When the figures were read last.")

    @classmethod
    def of(cls, publication: Publication) -> Self:
        return cls(
            outlet=OutletView.of(publication.outlet),
            channel="ads" if publication.message.channel == "ads" else "social",
            run=publication.message.run,
            step=publication.message.step,
            state=publication.state,
            vendor_id=publication.vendor_id or None,
            url=page_of(publication),
            published_at=publication.published_at,
            figures=PublicationFiguresView.of(publication.figures),
            polled_at=publication.polled_at,
        )
