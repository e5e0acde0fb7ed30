"""Campaigns:  pk ``ORG#<org>#CAMPAIGNS``   sk ``CAMPAIGN#<id>``; the due index has its next start."""

from collections.abc import Mapping
from typing import Any

from clarion.domain.campaign import Campaign
from clarion.storage.records import RecordTable
from clarion.storage.run_rows import due_of_campaign


class CampaignTable:
    """Keeps campaigns, deleted ones too: their analytics go on."""

    def __init__(self) -> None:
        self._records = RecordTable("CAMPAIGN", Campaign)

    def get(self, org_id: str, campaign_id: str) -> Campaign:
        """Raises NotFound."""
        return self._records.get(org_id, campaign_id)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Campaign], dict[str, Any] | None]:
        """One page, newest first, without the deleted ones."""
        active: list[Campaign] = []
        while True:
            campaigns, position = self._records.list(org_id, limit - len(active), position)
            active += [campaign for campaign in campaigns if campaign.state == "active"]
            if position is None or len(active) == limit:
                return active, dict(position) if position else None

    def add(self, org_id: str, campaign: Campaign) -> Campaign:
        """Raises Conflict when the id is taken."""
        return self._records.add(org_id, campaign, **due_of_campaign(org_id, campaign))

    def replace(self, org_id: str, campaign: Campaign) -> Campaign:
        """Raises Stale when it changed since it was read."""
        return self._records.replace(org_id, campaign, **due_of_campaign(org_id, campaign))
