"""List who took which address off the suppression list, newest first."""

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.suppressions import SuppressionChannel, SuppressionRemovalView
from clarion.wiring import suppressions


class SuppressionRemovalsQuery(PageQuery):
    channel: SuppressionChannel = "email"


@route("GET /crm/marketing/suppression-removals", needs="suppressions:read")
def handler(query: SuppressionRemovalsQuery, caller: Caller) -> Page[SuppressionRemovalView]:
    found, position = suppressions().removals(caller.org_id, query.channel, query.limit, query.position())
    return Page(items=[SuppressionRemovalView.of(removal) for removal in found], next=cursor_of(position))
