"""Get a campaign and where its latest run stands."""

from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView
from clarion.wiring import campaigns


@route("GET /crm/marketing/campaigns/{campaign_id}", needs="campaigns:read")
def handler(campaign_id: str, caller: Caller) -> CampaignView:
    campaign = campaigns().get(caller.org_id, campaign_id)
    return CampaignView.of(
        campaign,
        campaigns().next_runs(campaign),
        progress=campaigns().progress(caller.org_id, campaign),
        zones=campaigns().zones(caller.org_id, campaign),
        winner=campaigns().winner(caller.org_id, campaign),
    )
