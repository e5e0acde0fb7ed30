"""Get a contact export, with the URL of its file once it is complete."""

from clarion.edge import Caller, route
from clarion.schemas.exports import ExportView
from clarion.wiring import exports


@route("GET /crm/contact-exports/{export_id}", needs="contacts:export")
def handler(export_id: str, caller: Caller) -> ExportView:
    return ExportView.of(*exports().get(caller.org_id, export_id))
