"""List the addresses of a channel that nothing is sent to, with the reason."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.suppressions import SuppressionChannel, SuppressionView
from clarion.wiring import suppression_table


class SuppressionsQuery(PageQuery):
    channel: SuppressionChannel = "email"


@route("GET /crm/marketing/suppressions", needs="suppressions:read")
def handler(query: SuppressionsQuery, caller: Caller) -> Page[SuppressionView]:
    found, position = suppression_table().list(caller.org_id, query.channel, query.limit, query.position())
    return Page(items=[SuppressionView.of(suppression) for suppression in found], next=cursor_of(position))
