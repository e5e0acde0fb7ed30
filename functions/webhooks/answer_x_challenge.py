"""Show X that an organisation's webhook knows the app's secret: its challenge, signed."""

from clarion.edge import PUBLIC, InboundRequest, route
from clarion.schemas.webhooks import ChallengeView
from clarion.wiring import x_webhook


@route("GET /connect/webhooks/x/{org_id}", needs=PUBLIC)
def handler(org_id: str, request: InboundRequest) -> ChallengeView:
    return ChallengeView(response_token=x_webhook().handshake(org_id, request.query))
