"""Tell how far a contact has come in a campaign, step by step."""

from clarion.edge import Caller, route
from clarion.schemas.contact_progress import ContactProgressView
from clarion.wiring import contact_progress


@route("GET /crm/marketing/campaigns/{campaign_id}/contacts/{contact_id}", needs="campaigns:read")
def handler(campaign_id: str, contact_id: str, caller: Caller) -> ContactProgressView:
    return ContactProgressView.of(contact_progress().progress(caller.org_id, campaign_id, contact_id))
