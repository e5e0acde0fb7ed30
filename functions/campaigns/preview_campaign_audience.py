"""Count whom a campaign would reach if it were launched now, and why not everybody."""

from clarion.edge import Caller, route
from clarion.schemas.audience_reach import CampaignReachQuery, ReachView
from clarion.wiring import audience_preview


@route("POST /crm/marketing/campaigns/{campaign_id}/audience-preview", needs="campaigns:read")
def handler(campaign_id: str, query: CampaignReachQuery, caller: Caller) -> ReachView:
    return ReachView.of(audience_preview().of_campaign(caller.org_id, campaign_id, query.channel))
