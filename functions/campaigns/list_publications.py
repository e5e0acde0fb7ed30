"""List what a campaign's runs published to social profiles and ad accounts, and what it has reached there."""

from pydantic import Field

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.publications import PublicationView
from clarion.schemas.recipients import RunNumber
from clarion.wiring import campaigns, publications


class PublicationsQuery(PageQuery):
    run: RunNumber | None = Field(default=None, description="Number of the run; all of them where none is given.")


@route("GET /crm/marketing/campaigns/{campaign_id}/publications", needs="analytics:read")
def handler(campaign_id: str, query: PublicationsQuery, caller: Caller) -> Page[PublicationView]:
    campaign = campaigns().get(caller.org_id, campaign_id)
    found, position = publications().page(caller.org_id, campaign.id, query.run, query.limit, query.position())
    return Page(items=[PublicationView.of(publication) for publication in found], next=cursor_of(position))
