"""Pages and accounts of one platform that posts can go to."""

from clarion.edge import Caller, Page, route
from clarion.schemas.platforms import SocialProfileView
from clarion.wiring import connections


@route("GET /crm/marketing/social-profiles/{platform}", needs="integrations:read")
def handler(platform: str, caller: Caller) -> Page[SocialProfileView]:
    return Page(items=[SocialProfileView.of(*each) for each in connections().profiles(caller.org_id, platform)])
