"""List the addresses of a channel that nothing is sent to, with the reason, or find one."""

from pydantic import Field

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.suppressions import AddressText, SuppressionChannel, SuppressionView
from clarion.wiring import suppressions


class SuppressionsQuery(PageQuery):
    channel: SuppressionChannel = "email"
    address: AddressText | None = Field(default=None, description="Only this one, in any spelling.")


@route("GET /crm/marketing/suppressions", needs="suppressions:read")
def handler(query: SuppressionsQuery, caller: Caller) -> Page[SuppressionView]:
    found, position = suppressions().list(caller.org_id, query.channel, query.limit, query.position(), query.address)
    return Page(items=[SuppressionView.of(suppression) for suppression in found], next=cursor_of(position))
