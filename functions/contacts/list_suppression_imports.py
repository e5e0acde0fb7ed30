"""List imports of suppressed addresses, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.suppression_jobs import SuppressionImportView
from clarion.wiring import suppression_imports


@route("GET /crm/marketing/suppression-imports", needs="suppressions:read")
def handler(query: PageQuery, caller: Caller) -> Page[SuppressionImportView]:
    found, position = suppression_imports().list(caller.org_id, query.limit, query.position())
    return Page(items=[SuppressionImportView.of(job) for job in found], next=cursor_of(position))
