"""Start an export of the suppression list, of all channels or one, to a CSV file."""

from clarion.edge import Caller, route
from clarion.schemas.suppression_jobs import SuppressionExportRequest, SuppressionExportView
from clarion.wiring import suppression_exports


@route("POST /crm/marketing/suppression-exports", needs="contacts:export", status=202)
def handler(body: SuppressionExportRequest, caller: Caller) -> SuppressionExportView:
    job = suppression_exports().start(caller.org_id, caller.new_id(), caller.user_id, body.channel)
    return SuppressionExportView.of(job)
