"""Start a contact import: the answer says where to upload the CSV file."""

from clarion.edge import Caller, route
from clarion.schemas.imports import ImportRequest, StartedImportView
from clarion.wiring import imports


@route("POST /crm/contact-imports", needs="contacts:write", status=201)
def handler(body: ImportRequest, caller: Caller) -> StartedImportView:
    return StartedImportView.of(*imports().start(caller.org_id, caller.new_id(), caller.user_id, body))
