"""Replace the organisation's sending rules; workers go by them within half a minute."""

from clarion.edge import Caller, route
from clarion.schemas.sending_rules import SendingRulesView, UpdateSendingRulesRequest
from clarion.wiring import sending_rules


@route("PUT /crm/organisation/sending-rules", needs="sending-rules:write")
def handler(body: UpdateSendingRulesRequest, caller: Caller, if_match: int | None) -> SendingRulesView:
    version = body.version if if_match is None else if_match
    return SendingRulesView.of(*sending_rules().replace(caller.org_id, version, body.rules()))
