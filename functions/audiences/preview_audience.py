"""Count whom an audience, saved or inline, would reach on a channel now, and why not everybody."""

from clarion.edge import Caller, route
from clarion.schemas.audience_reach import AudiencePreviewRequest, ReachView
from clarion.wiring import audience_preview


@route("POST /crm/marketing/audience-preview", needs="audiences:read")
def handler(body: AudiencePreviewRequest, caller: Caller) -> ReachView:
    return ReachView.of(audience_preview().of_audience(caller.org_id, body.wanted, body.channel))
