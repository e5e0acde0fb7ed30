"""One platform and how its connection fares."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections, webhook_url


@route("GET /crm/marketing/platforms/{platform}", needs="integrations:read")
def handler(platform: str, caller: Caller) -> PlatformView:
    found = connections().get(caller.org_id, platform)
    return PlatformView.of(found, webhook_url(caller.org_id, found.platform))
