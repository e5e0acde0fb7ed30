"""Keep what SendGrid tells of an organisation's mails: deliveries, bounces, complaints, unsubscribes."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, route
from clarion.wiring import sendgrid_webhook

logger = Logger()


@route("POST /connect/webhooks/sendgrid/{org_id}", needs=PUBLIC, status=204)
def handler(org_id: str, request: InboundRequest) -> None:
    recorded = sendgrid_webhook().receive(org_id, request.headers, request.body)
    logger.info("events of SendGrid", extra={"org": org_id, "outcomes": recorded.outcomes})
    if recorded.failed:  # told again, they could be read no better
        logger.error("events of SendGrid that cannot be read", extra={"org": org_id, "why": recorded.failed})
