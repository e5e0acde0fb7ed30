"""Replace an audience; campaigns that were launched keep the one they had."""

from clarion.edge import Caller, route
from clarion.schemas.audiences import AudienceView, UpdateAudienceRequest
from clarion.wiring import audiences


@route("PUT /crm/marketing/audiences/{audience_id}", needs="audiences:write")
def handler(audience_id: str, body: UpdateAudienceRequest, caller: Caller, if_match: int | None) -> AudienceView:
    version = body.version if if_match is None else if_match
    return AudienceView.of(audiences().update(caller.org_id, audience_id, version, body))
