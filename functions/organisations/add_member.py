"""Make a person with an account a member of the organisation."""

from clarion.edge import Caller, route
from clarion.schemas.organisations import AddMemberRequest, MemberView
from clarion.wiring import organisations


@route("POST /crm/organisation/members", needs="members:write", status=201)
def handler(body: AddMemberRequest, caller: Caller) -> MemberView:
    return MemberView.of(organisations().add_member(caller.org_id, caller.role, body.email, body.role))
