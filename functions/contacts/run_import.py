"""Run a contact import whose file has been uploaded."""

from clarion.edge import Caller, route
from clarion.schemas.imports import ImportView
from clarion.wiring import imports


@route("POST /crm/contact-imports/{import_id}/run", needs="contacts:write", status=202)
def handler(import_id: str, caller: Caller) -> ImportView:
    return ImportView.of(imports().run(caller.org_id, import_id))
