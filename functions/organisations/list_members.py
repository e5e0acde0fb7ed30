"""List the organisation's members."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.organisations import MemberView
from clarion.wiring import organisations


@route("GET /crm/organisation/members", needs="members:read")
def handler(query: PageQuery, caller: Caller) -> Page[MemberView]:
    members, position = organisations().members(caller.org_id, query.limit, query.position())
    return Page(items=[MemberView.of(member) for member in members], next=cursor_of(position))
