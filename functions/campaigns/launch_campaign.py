"""Launch a draft or scheduled campaign now."""

from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView
from clarion.wiring import campaigns


@route("POST /crm/marketing/campaigns/{campaign_id}/launch", needs="campaigns:write", status=202)
def handler(campaign_id: str, caller: Caller, if_match: int | None) -> CampaignView:
    launched = campaigns().launch(caller.org_id, campaign_id, if_match)
    return CampaignView.of(launched, campaigns().next_runs(launched))
