"""Start an export of a campaign's recipients, all or those of one outcome, to a CSV file."""

from clarion.edge import Caller, route
from clarion.schemas.exports import RecipientExportRequest, RecipientExportView
from clarion.wiring import recipient_exports


@route("POST /crm/marketing/campaigns/{campaign_id}/recipient-exports", needs="contacts:export", status=202)
def handler(campaign_id: str, body: RecipientExportRequest, caller: Caller) -> RecipientExportView:
    job = recipient_exports().start(
        caller.org_id, caller.new_id(), caller.user_id, campaign_id, body.run, body.channel, body.outcome
    )
    return RecipientExportView.of(job)
