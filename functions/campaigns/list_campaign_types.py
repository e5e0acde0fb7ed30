"""List the campaign types: their fields, their rules, and an example of each."""

from clarion.edge import route
from clarion.schemas.campaign_types import CampaignTypesView


@route("GET /crm/marketing/campaign-types", needs="campaigns:read")
def handler() -> CampaignTypesView:
    return CampaignTypesView.every()
