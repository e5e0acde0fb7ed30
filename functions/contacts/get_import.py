"""Get a contact import with its progress and counts."""

from clarion.edge import Caller, route
from clarion.schemas.imports import ImportView
from clarion.wiring import imports


@route("GET /crm/contact-imports/{import_id}", needs="contacts:read")
def handler(import_id: str, caller: Caller) -> ImportView:
    return ImportView.of(imports().get(caller.org_id, import_id))
