"""Delete a contact and free its address."""

from clarion.edge import Caller, route
from clarion.wiring import contacts


@route("DELETE /crm/contacts/{contact_id}", needs="contacts:delete", status=204)
def handler(contact_id: str, caller: Caller, if_match: int | None) -> None:
    contacts().delete(caller.org_id, contact_id, if_match)
