"""Create a contact."""

from clarion.edge import Caller, route
from clarion.schemas.contacts import ContactRequest, ContactView
from clarion.wiring import contacts


@route("POST /crm/contacts", needs="contacts:write", status=201)
def handler(body: ContactRequest, caller: Caller) -> ContactView:
    return ContactView.of(contacts().create(caller.org_id, caller.new_id(), body))
