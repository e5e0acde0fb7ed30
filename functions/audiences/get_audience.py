"""One audience."""

from clarion.edge import Caller, route
from clarion.schemas.audiences import AudienceView
from clarion.wiring import audiences


@route("GET /crm/marketing/audiences/{audience_id}", needs="audiences:read")
def handler(audience_id: str, caller: Caller) -> AudienceView:
    return AudienceView.of(audiences().get(caller.org_id, audience_id))
