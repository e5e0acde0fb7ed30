"""Start an import of suppressed addresses: the answer says where to upload the CSV file."""

from clarion.edge import Caller, route
from clarion.schemas.imports import StartedImportView
from clarion.schemas.suppression_jobs import SuppressionImportRequest
from clarion.wiring import suppression_imports


@route("POST /crm/marketing/suppression-imports", needs="suppressions:write", status=201)
def handler(body: SuppressionImportRequest, caller: Caller) -> StartedImportView:
    return StartedImportView.of(*suppression_imports().start(caller.org_id, caller.new_id(), caller.user_id, body))
