"""Take an address off the suppression list; what a recipient asked for, an administrator alone takes back."""

from clarion.edge import Caller, route
from clarion.schemas.suppressions import RemoveSuppressionRequest, SuppressionRemovalView
from clarion.wiring import suppressions


@route("POST /crm/marketing/suppressions/remove", needs="suppressions:write")
def handler(body: RemoveSuppressionRequest, caller: Caller) -> SuppressionRemovalView:
    removal = suppressions().remove(caller.org_id, caller.user_id, caller.role, body.channel, body.address, body.note)
    return SuppressionRemovalView.of(removal)
