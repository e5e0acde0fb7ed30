"""Replace a contact."""

from clarion.edge import Caller, route
from clarion.schemas.contacts import ContactView, UpdateContactRequest
from clarion.wiring import contacts


@route("PUT /crm/contacts/{contact_id}", needs="contacts:write")
def handler(contact_id: str, body: UpdateContactRequest, caller: Caller, if_match: int | None) -> ContactView:
    version = body.version if if_match is None else if_match
    return ContactView.of(contacts().replace(caller.org_id, contact_id, body, version))
