"""Send a run once more to those whose message failed, and to nobody else."""

from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView, RetryQuery
from clarion.wiring import campaigns


@route("POST /crm/marketing/campaigns/{campaign_id}/retry-failed", needs="campaigns:write", status=202)
def handler(campaign_id: str, query: RetryQuery, caller: Caller, if_match: int | None) -> CampaignView:
    running = campaigns().retry_failed(caller.org_id, campaign_id, query.run, if_match)
    return CampaignView.of(running, campaigns().next_runs(running))
