"""Check what a sending domain publishes (SPF, DKIM, DMARC, MX), with advice for whatever is amiss."""

from clarion.edge import Caller, route
from clarion.schemas.deliverability import DeliverabilityCheckRequest, DeliverabilityReportView
from clarion.wiring import deliverability


@route("POST /crm/marketing/deliverability-checks", needs="campaigns:write")
def handler(body: DeliverabilityCheckRequest, caller: Caller) -> DeliverabilityReportView:
    report = deliverability().check(caller.org_id, body.domain, body.sender, body.return_path, body.dkim_selectors)
    return DeliverabilityReportView.of(report)
