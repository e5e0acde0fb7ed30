"""End a membership."""

from clarion.edge import Caller, route
from clarion.wiring import organisations


@route("DELETE /crm/organisation/members/{user_id}", needs="members:write", status=204)
def handler(user_id: str, caller: Caller) -> None:
    organisations().remove_member(caller.org_id, caller.role, user_id)
