"""Ask the vendor whether the credentials still hold."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import PlatformView
from clarion.wiring import connections, webhook_url


@route("POST /crm/marketing/platforms/{platform}/check", needs="integrations:write")
def handler(platform: str, caller: Caller) -> PlatformView:
    found = connections().check(caller.org_id, platform)
    return PlatformView.of(found, webhook_url(caller.org_id, found.platform))
