"""Ask the vendor whether the credentials still hold."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections


@route("POST /crm/marketing/platforms/{platform}/check", needs="integrations:write")
def handler(platform: str, caller: Caller) -> PlatformView:
    return PlatformView.of(connections().check(caller.org_id, platform))
