"""Send a run once more to those whose message failed, and to nobody else."""

from pydantic import Field

from clarion.domain.model import Model
from clarion.edge import Caller, route
from clarion.schemas.campaigns import CampaignView
from clarion.wiring import campaigns


class RetryQuery(Model):
    run: int | None = Field(default=None, ge=1, description="The run's number; the latest where none is given.")


@route("POST /crm/marketing/campaigns/{campaign_id}/retry-failed", needs="campaigns:write", status=202)
def handler(campaign_id: str, query: RetryQuery, caller: Caller, if_match: int | None) -> CampaignView:
    running = campaigns().retry_failed(caller.org_id, campaign_id, query.run, if_match)
    return CampaignView.of(running, campaigns().next_runs(running))
