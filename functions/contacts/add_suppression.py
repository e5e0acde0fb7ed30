"""Put an address on the suppression list; where it is on it already, the answer is what is known of it."""

from clarion.edge import Caller, route
from clarion.schemas.suppressions import AddSuppressionRequest, SuppressionView
from clarion.wiring import suppressions


@route("POST /crm/marketing/suppressions", needs="suppressions:write")
def handler(body: AddSuppressionRequest, caller: Caller) -> SuppressionView:
    added = suppressions().add(caller.org_id, caller.user_id, body.channel, body.address, body.reason, body.note)
    return SuppressionView.of(added)
