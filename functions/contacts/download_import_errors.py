"""Get the URL of the CSV file that lists every rejected row of a contact import."""

from clarion.edge import Caller, route
from clarion.schemas.imports import DownloadView
from clarion.wiring import imports


@route("GET /crm/contact-imports/{import_id}/errors", needs="contacts:read")
def handler(import_id: str, caller: Caller) -> DownloadView:
    return DownloadView(url=imports().errors_link(caller.org_id, import_id))
