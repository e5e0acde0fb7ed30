"""Keep what Twilio tells of an organisation's text messages: deliveries, failures, opt-outs, replies."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, route
from clarion.wiring import twilio_webhook

logger = Logger()


@route("POST /connect/webhooks/twilio/{org_id}", needs=PUBLIC, status=204)
def handler(org_id: str, request: InboundRequest) -> None:
    """Twilio takes 204 for a message that is not to be answered (https://www.twilio.com/docs/api/errors/15003)."""
    outcome = twilio_webhook().receive(org_id, request)
    logger.info("a callback of Twilio", extra={"org": org_id, "outcome": outcome})
