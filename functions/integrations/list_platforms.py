"""Every platform, connected or not, and what it takes to connect it."""

from clarion.edge import Caller, Page, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections, webhook_url


@route("GET /crm/marketing/platforms", needs="integrations:read")
def handler(caller: Caller) -> Page[PlatformView]:
    found = connections().all(caller.org_id)
    return Page(items=[PlatformView.of(each, webhook_url(caller.org_id, each.platform)) for each in found])
