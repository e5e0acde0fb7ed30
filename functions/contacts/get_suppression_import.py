"""Get an import of suppressed addresses with its progress and counts."""

from clarion.edge import Caller, route
from clarion.schemas.suppression_jobs import SuppressionImportView
from clarion.wiring import suppression_imports


@route("GET /crm/marketing/suppression-imports/{import_id}", needs="suppressions:read")
def handler(import_id: str, caller: Caller) -> SuppressionImportView:
    return SuppressionImportView.of(suppression_imports().get(caller.org_id, import_id))
