"""Get an export of the suppression list, with the URL of its file once it is complete."""

from clarion.edge import Caller, route
from clarion.schemas.suppression_jobs import SuppressionExportView
from clarion.wiring import suppression_exports


@route("GET /crm/marketing/suppression-exports/{export_id}", needs="contacts:export")
def handler(export_id: str, caller: Caller) -> SuppressionExportView:
    return SuppressionExportView.of(*suppression_exports().get(caller.org_id, export_id))
