"""List contacts, or find the one that has an address."""

from pydantic import Field

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.contacts import ContactView
from clarion.wiring import contacts


class ContactsQuery(PageQuery):
    email: str | None = Field(default=None, max_length=320, description="Only the contact with this address.")


@route("GET /crm/contacts", needs="contacts:read")
def handler(query: ContactsQuery, caller: Caller) -> Page[ContactView]:
    found, position = contacts().list(caller.org_id, query.limit, query.position(), query.email)
    return Page(items=[ContactView.of(contact) for contact in found], next=cursor_of(position))
