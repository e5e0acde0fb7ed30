"""Connect a platform, or replace its credentials once the vendor has accepted the new ones."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import ConnectPlatformRequest, PlatformView
from clarion.wiring import connections, webhook_url


@route("PUT /crm/marketing/platforms/{platform}/connection", needs="integrations:write", remembers=False)
def handler(platform: str, body: ConnectPlatformRequest, caller: Caller) -> PlatformView:
    found = connections().connect(caller.org_id, caller.user_id, platform, body.given())
    return PlatformView.of(found, webhook_url(caller.org_id, found.platform))
