"""Delete a campaign softly: it stops, and its analytics stay."""

from clarion.edge import Caller, route
from clarion.wiring import campaigns


@route("DELETE /crm/marketing/campaigns/{campaign_id}", needs="campaigns:delete", status=204)
def handler(campaign_id: str, caller: Caller, if_match: int | None) -> None:
    campaigns().delete(caller.org_id, campaign_id, if_match)
