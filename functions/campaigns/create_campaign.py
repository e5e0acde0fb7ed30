"""Create a campaign; launch or schedule it at once when the status says so."""

from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView, CreateCampaignRequest
from clarion.wiring import campaigns


@route("POST /crm/marketing/campaigns", needs="campaigns:write", status=201)
def handler(body: CreateCampaignRequest, caller: Caller) -> CampaignView:
    created = campaigns().create(caller.org_id, caller.new_id(), caller.user_id, body.details(), body.status)
    return CampaignView.of(created, campaigns().next_runs(created))
