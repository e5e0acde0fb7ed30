"""Suppressed addresses as the API gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact import ConsentChannel
from clarion.domain.model import Model
from clarion.domain.suppression import Suppression

SuppressionChannel = ConsentChannel


class SuppressionView(Model):
    address: str
    channel: ConsentChannel
    reason: str = Field(description="`unsubscribed`, `hard_bounce` or `complaint`.")
    source: str | None
    campaign_id: str | None
    contact_id: str | None
    created_at: datetime

    @classmethod
    def of(cls, suppression: Suppression) -> "SuppressionView":
        return cls(
            address=suppression.address,
            channel=suppression.channel,
            reason=suppression.reason,
            source=suppression.source,
            campaign_id=suppression.campaign,
            contact_id=suppression.contact,
            created_at=suppression.created_at,
        )
