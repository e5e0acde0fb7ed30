"""Run an import of suppressed addresses whose file has been uploaded."""

from clarion.edge import Caller, route
from clarion.schemas.suppression_jobs import SuppressionImportView
from clarion.wiring import suppression_imports


@route("POST /crm/marketing/suppression-imports/{import_id}/run", needs="suppressions:write", status=202)
def handler(import_id: str, caller: Caller) -> SuppressionImportView:
    return SuppressionImportView.of(suppression_imports().run(caller.org_id, import_id))
