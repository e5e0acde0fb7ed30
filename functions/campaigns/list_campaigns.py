"""List campaigns, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.campaigns import CampaignView
from clarion.wiring import campaigns


@route("GET /crm/marketing/campaigns", needs="campaigns:read")
def handler(query: PageQuery, caller: Caller) -> Page[CampaignView]:
    found, position = campaigns().list(caller.org_id, query.limit, query.position())
    return Page(items=[CampaignView.of(campaign) for campaign in found], next=cursor_of(position))
