"""Render a campaign's message for one contact."""

from clarion.edge import Caller, route
from clarion.schemas.templates import PreviewView
from clarion.schemas.trials import CampaignPreviewRequest
from clarion.wiring import message_preview


@route("POST /crm/marketing/campaigns/{campaign_id}/preview", needs="campaigns:read")
def handler(campaign_id: str, body: CampaignPreviewRequest, caller: Caller) -> PreviewView:
    return PreviewView.of(message_preview().preview(caller.org_id, campaign_id, body.choice()))
