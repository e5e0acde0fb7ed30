"""List audiences, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.audiences import AudienceSummaryView
from clarion.wiring import audiences


@route("GET /crm/marketing/audiences", needs="audiences:read")
def handler(query: PageQuery, caller: Caller) -> Page[AudienceSummaryView]:
    found, position = audiences().list(caller.org_id, query.limit, query.position())
    return Page(items=[AudienceSummaryView.of(audience) for audience in found], next=cursor_of(position))
