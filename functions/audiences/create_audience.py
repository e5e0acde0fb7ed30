"""Save an audience."""

from clarion.edge import Caller, route
from clarion.schemas.audiences import AudienceRequest, AudienceView
from clarion.wiring import audiences


@route("POST /crm/marketing/audiences", needs="audiences:write", status=201)
def handler(body: AudienceRequest, caller: Caller) -> AudienceView:
    return AudienceView.of(audiences().create(caller.org_id, caller.new_id(), caller.user_id, body))
