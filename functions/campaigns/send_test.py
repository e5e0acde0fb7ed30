"""Send a campaign's message to a few addresses of yours, as a test."""

from clarion.edge import Caller, route
from clarion.schemas.trials import TrialRequest, TrialView
from clarion.wiring import trials


@route("POST /crm/marketing/campaigns/{campaign_id}/test-sends", needs="campaigns:write")
def handler(campaign_id: str, body: TrialRequest, caller: Caller) -> TrialView:
    return TrialView.of(trials().send(caller.org_id, campaign_id, caller.new_id(), body.to, body.choice()))
