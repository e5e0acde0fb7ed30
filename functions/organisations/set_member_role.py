"""Give a member another role."""

from clarion.edge import Caller, route
from clarion.schemas.organisations import MemberView, SetRoleRequest
from clarion.wiring import organisations


@route("PUT /crm/organisation/members/{user_id}", needs="members:write")
def handler(user_id: str, body: SetRoleRequest, caller: Caller) -> MemberView:
    return MemberView.of(organisations().set_role(caller.org_id, caller.role, user_id, body.role))
