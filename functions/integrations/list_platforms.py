"""Every platform, connected or not, and what it takes to connect it."""

from clarion.edge import Caller, Page, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections


@route("GET /crm/marketing/platforms", needs="integrations:read")
def handler(caller: Caller) -> Page[PlatformView]:
    return Page(items=[PlatformView.of(each) for each in connections().all(caller.org_id)])
