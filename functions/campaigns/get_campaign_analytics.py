"""Report what a campaign achieved: sends, deliveries, opens, clicks, conversions, per channel, step, link and day."""

from clarion.edge import Caller, route
from clarion.schemas.analytics import CampaignReportView
from clarion.wiring import campaigns, reporting


@route("GET /crm/marketing/campaigns/{campaign_id}/analytics", needs="analytics:read")
def handler(campaign_id: str, caller: Caller) -> CampaignReportView:
    campaign = campaigns().get(caller.org_id, campaign_id)
    return CampaignReportView.of(reporting().campaign(caller.org_id, campaign.id))
