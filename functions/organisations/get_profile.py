"""Who you are, and the organisations you belong to."""

from clarion.edge import SIGNED_IN, Caller, route
from clarion.schemas.organisations import ProfileView
from clarion.wiring import organisations


@route("GET /crm/me", needs=SIGNED_IN)
def handler(caller: Caller) -> ProfileView:
    return ProfileView.of(caller.user_id, organisations().memberships_of(caller.user_id))
