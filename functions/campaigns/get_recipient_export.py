"""Get an export of recipients, with the URL of its file once it is complete."""

from clarion.edge import Caller, route
from clarion.schemas.exports import RecipientExportView
from clarion.wiring import recipient_exports


@route("GET /crm/marketing/recipient-exports/{export_id}", needs="contacts:export")
def handler(export_id: str, caller: Caller) -> RecipientExportView:
    return RecipientExportView.of(*recipient_exports().get(caller.org_id, export_id))
