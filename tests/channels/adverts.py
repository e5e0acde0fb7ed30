"""Campaigns to advertise in tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from clarion.domain.ad import AdCampaign

URL = "https://track.acme.example/connect/automation/01JD/1/link/click/?t=k1"


def an_advert(**changes: Any) -> AdCampaign:
    """A campaign that both vendors take."""
    fields: dict[str, Any] = {
        "id": "01JDXYZ", "name": "Bells\n& whistles", "daily_budget": Decimal("12.50"), "currency": "EUR", "url": URL,
        "headlines": ("Bells", "Whistles", "Horns"), "descriptions": ("All that rings.", "And all that does not."),
        "countries": ("DE", "AT"), "advertiser": "Acme GmbH", "start_at": datetime(2026, 12, 1, 23, 30, tzinfo=UTC),
        "end_at": datetime(2026, 12, 24, tzinfo=UTC), "keywords": ("brass bell",),
        "image_url": "https://media.acme.example/a.png",
    }  # fmt: skip
    return AdCampaign(**fields | changes)
