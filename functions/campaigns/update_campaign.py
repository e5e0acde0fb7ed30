"""Change a campaign, or move it: schedule, launch, pause, resume, cancel."""

from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView, UpdateCampaignRequest
from clarion.wiring import campaigns


@route("PUT /crm/marketing/campaigns/{campaign_id}", needs="campaigns:write")
def handler(campaign_id: str, body: UpdateCampaignRequest, caller: Caller, if_match: int | None) -> CampaignView:
    version = body.version if if_match is None else if_match
    updated = campaigns().update(caller.org_id, campaign_id, body.details(), body.status, version)
    return CampaignView.of(updated, campaigns().next_runs(updated))
