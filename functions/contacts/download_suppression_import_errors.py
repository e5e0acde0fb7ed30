"""Get the URL of the CSV file that lists every rejected row of an import of suppressed addresses."""

from clarion.edge import Caller, route
from clarion.schemas.imports import DownloadView
from clarion.wiring import suppression_imports


@route("GET /crm/marketing/suppression-imports/{import_id}/errors", needs="suppressions:read")
def handler(import_id: str, caller: Caller) -> DownloadView:
    return DownloadView(url=suppression_imports().errors_link(caller.org_id, import_id))
