"""Begin a consent: the address of the vendor's page where a member gives it."""

from clarion.edge import Caller, route
from clarion.schemas.platforms import AuthorizationView
from clarion.wiring import authorizations, consent_page


@route("POST /crm/marketing/platforms/{platform}/authorizations", needs="integrations:write", status=201)
def handler(platform: str, caller: Caller) -> AuthorizationView:
    return AuthorizationView(
        url=authorizations().begin(caller.org_id, caller.user_id, platform, consent_page(platform))
    )
