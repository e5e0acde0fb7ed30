"""List campaigns, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.campaigns import CampaignSummaryView
from clarion.wiring import campaigns


@route("GET /crm/marketing/campaigns", needs="campaigns:read")
def handler(query: PageQuery, caller: Caller) -> Page[CampaignSummaryView]:
    found, position = campaigns().list(caller.org_id, query.limit, query.position())
    return Page(items=[CampaignSummaryView.summary_of(campaign) for campaign in found], next=cursor_of(position))
