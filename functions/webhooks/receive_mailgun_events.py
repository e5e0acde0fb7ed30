"""Keep what Mailgun tells of an organisation's mails: deliveries, bounces, complaints, unsubscribes."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, PlainText, route
from clarion.wiring import mailgun_webhook

logger = Logger()


@route("POST /connect/webhooks/mailgun/{org_id}", needs=PUBLIC)
def handler(org_id: str, request: InboundRequest) -> PlainText:
    recorded = mailgun_webhook().receive(org_id, request.headers, request.body)
    logger.info("an event of Mailgun", extra={"org": org_id, "outcomes": recorded.outcomes})
    if recorded.failed:  # told again, it could be read no better
        logger.error("an event of Mailgun that cannot be read", extra={"org": org_id, "why": recorded.failed})
    return PlainText("kept")  # Mailgun repeats whatever is not answered by 200
