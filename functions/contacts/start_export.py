"""Start an export of all contacts to a CSV file."""

from clarion.edge import Caller, route
from clarion.schemas.exports import ExportRequest, ExportView
from clarion.wiring import exports


@route("POST /crm/contact-exports", needs="contacts:export", status=202)
def handler(body: ExportRequest, caller: Caller) -> ExportView:  # noqa: ARG001 - refuses unknown fields
    return ExportView.of(exports().start(caller.org_id, caller.new_id(), caller.user_id))
