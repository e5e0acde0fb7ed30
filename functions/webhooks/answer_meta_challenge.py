"""Show Meta that an organisation's webhook is ours: its challenge, told back."""

from clarion.edge import PUBLIC, InboundRequest, PlainText, route
from clarion.wiring import meta_webhook


@route("GET /connect/webhooks/meta/{org_id}", needs=PUBLIC)
def handler(org_id: str, request: InboundRequest) -> PlainText:
    return PlainText(meta_webhook().handshake(org_id, request.query))
