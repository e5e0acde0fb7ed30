"""Get a contact."""

from clarion.edge import Caller, route
from clarion.schemas.contacts import ContactView
from clarion.wiring import contacts


@route("GET /crm/contacts/{contact_id}", needs="contacts:read")
def handler(contact_id: str, caller: Caller) -> ContactView:
    return ContactView.of(contacts().get(caller.org_id, contact_id))
