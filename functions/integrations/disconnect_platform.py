"""Disconnect a platform and forget its credentials; campaigns cannot be launched on it any more."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import DisconnectQuery
from clarion.wiring import connections


@route("DELETE /crm/marketing/platforms/{platform}/connection", needs="integrations:write")
def handler(platform: str, query: DisconnectQuery, caller: Caller) -> None:
    connections().disconnect(caller.org_id, platform, query.end_consent)
