"""The rules that everything the organisation sends obeys."""

from clarion.edge import Caller, route
from clarion.schemas.sending_rules import SendingRulesView
from clarion.wiring import sending_rules


@route("GET /crm/organisation/sending-rules", needs="sending-rules:read")
def handler(caller: Caller) -> SendingRulesView:
    return SendingRulesView.of(*sending_rules().get(caller.org_id))
