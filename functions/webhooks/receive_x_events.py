"""Keep what X tells of an organisation's posts there."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, PlainText, route
from clarion.wiring import x_webhook

logger = Logger()


@route("POST /connect/webhooks/x/{org_id}", needs=PUBLIC)
def handler(org_id: str, request: InboundRequest) -> PlainText:
    """X asks for a 200."""
    outcomes = x_webhook().receive(org_id, request.headers, request.body)
    logger.info("X's events", extra={"org": org_id, "outcomes": outcomes})
    return PlainText("kept")
