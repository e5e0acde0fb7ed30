"""List who of a campaign's run got what; a page may be short while `next` is set."""

from pydantic import Field

from clarion.edge import Caller, Page, PageQuery, cursor_of, route
from clarion.schemas.recipients import Outcome, RecipientView, WantedChannel, WantedRun
from clarion.wiring import recipients


class RecipientsQuery(PageQuery):
    outcome: Outcome | None = Field(default=None, description="Only these; `skipped` is every `skipped.<reason>`.")
    run: WantedRun = None
    channel: WantedChannel = None


@route("GET /crm/marketing/campaigns/{campaign_id}/recipients", needs="campaigns:read")
def handler(campaign_id: str, query: RecipientsQuery, caller: Caller) -> Page[RecipientView]:
    found, position = recipients().list(
        caller.org_id, campaign_id, query.run, query.channel, query.outcome, query.limit, query.position()
    )
    return Page(items=[RecipientView.of(recipient) for recipient in found], next=cursor_of(position))
