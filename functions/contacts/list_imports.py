"""List contact imports, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.imports import ImportView
from clarion.wiring import imports


@route("GET /crm/contact-imports", needs="contacts:read")
def handler(query: PageQuery, caller: Caller) -> Page[ImportView]:
    found, position = imports().list(caller.org_id, query.limit, query.position())
    return Page(items=[ImportView.of(job) for job in found], next=cursor_of(position))
