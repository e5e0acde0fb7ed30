"""Keep what Meta tells of an organisation's posts on Facebook and Instagram."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, PlainText, route
from clarion.wiring import meta_webhook

logger = Logger()


@route("POST /connect/webhooks/meta/{org_id}", needs=PUBLIC)
def handler(org_id: str, request: InboundRequest) -> PlainText:
    """Meta asks for a 200, and repeats whatever is answered otherwise for 36 hours."""
    outcomes = meta_webhook().receive(org_id, request.headers, request.body)
    logger.info("Meta's events", extra={"org": org_id, "outcomes": outcomes})
    return PlainText("kept")
