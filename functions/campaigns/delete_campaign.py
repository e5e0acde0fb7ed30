"""Delete a campaign softly: it stops, and its analytics stay."""

from clarion.edge import Caller, route
from clarion.wiring import campaigns


@route("DELETE /crm/marketing/campaigns/{campaign_id}", needs="campaigns:delete", status=204)
def handler(campaign_id: str, caller: Caller) -> None:
    campaigns().delete(caller.org_id, campaign_id)
