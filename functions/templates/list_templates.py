"""List templates, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.templates import TemplateSummaryView
from clarion.wiring import templates


@route("GET /crm/marketing/templates", needs="templates:read")
def handler(query: PageQuery, caller: Caller) -> Page[TemplateSummaryView]:
    found, position = templates().list(caller.org_id, query.limit, query.position())
    return Page(items=[TemplateSummaryView.of(template) for template in found], next=cursor_of(position))
