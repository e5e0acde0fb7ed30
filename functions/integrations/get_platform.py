"""One platform and how its connection fares."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections


@route("GET /crm/marketing/platforms/{platform}", needs="integrations:read")
def handler(platform: str, caller: Caller) -> PlatformView:
    return PlatformView.of(connections().get(caller.org_id, platform))
