"""Connect a platform, or replace its credentials once the vendor has accepted the new ones."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import ConnectPlatformRequest, PlatformView
from clarion.wiring import connections


@route("PUT /crm/marketing/platforms/{platform}/connection", needs="integrations:write", remembers=False)
def handler(platform: str, body: ConnectPlatformRequest, caller: Caller) -> PlatformView:
    return PlatformView.of(connections().connect(caller.org_id, caller.user_id, platform, body.given()))
