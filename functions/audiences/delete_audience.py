"""Delete an audience."""

from clarion.edge import Caller, route
from clarion.wiring import audiences


@route("DELETE /crm/marketing/audiences/{audience_id}", needs="audiences:write", status=204)
def handler(audience_id: str, caller: Caller, if_match: int | None) -> None:
    audiences().delete(caller.org_id, audience_id, if_match)
