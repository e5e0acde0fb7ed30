"""Campaigns on the in-memory table: rows as ``CampaignTable`` writes them through PynamoDB."""

from collections.abc import Mapping
from typing import Any

from clarion import keys
from clarion.domain.campaign import Campaign
from clarion.domain.errors import Conflict, NotFound, Stale
from clarion.storage.run_rows import due_of_campaign
from clarion.storage.table import ConditionFailed, Table, put


class CampaignsInMemory:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, org_id: str, campaign_id: str) -> Campaign:
        item = self._table.get(keys.record(org_id, "CAMPAIGN", campaign_id))
        if item is None:
            raise NotFound("campaign", campaign_id)
        return Campaign.model_validate_json(item["body"]).model_copy(update={"version": int(item["version"])})

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Campaign], dict[str, Any] | None]:
        items, _ = self._table.query(keys.collection_pk(org_id, "CAMPAIGN"), "CAMPAIGN#", newest_first=True)
        return [self.get(org_id, item["sk"].partition("#")[2]) for item in items], None

    def add(self, org_id: str, campaign: Campaign) -> Campaign:
        try:
            self._table.put(self._row(org_id, campaign, 1), if_absent=True)
        except ConditionFailed:
            raise Conflict("taken") from None
        return campaign.model_copy(update={"version": 1})

    def replace(self, org_id: str, campaign: Campaign) -> Campaign:
        action = put(self._row(org_id, campaign, campaign.version + 1))
        action["Put"]["ConditionExpression"] = "version = :version"
        action["Put"]["ExpressionAttributeValues"] = {":version": {"N": str(campaign.version)}}
        try:
            self._table.transact([action])
        except ConditionFailed:
            raise Stale("campaign", campaign.id) from None
        return campaign.model_copy(update={"version": campaign.version + 1})

    def _row(self, org_id: str, campaign: Campaign, version: int) -> dict[str, Any]:
        due = due_of_campaign(org_id, campaign)
        body = campaign.model_dump_json(by_alias=True)
        return {**keys.record(org_id, "CAMPAIGN", campaign.id), "body": body, "version": version, **due}
