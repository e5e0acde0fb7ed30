"""Keep what Amazon SES tells of mails from an organisation's own account: deliveries, bounces, complaints."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, route
from clarion.wiring import ses_webhook

logger = Logger()


@route("POST /connect/webhooks/ses/{org_id}", needs=PUBLIC, status=204)
def handler(org_id: str, request: InboundRequest) -> None:
    outcome = ses_webhook().receive(org_id, request.body)
    logger.info("an SNS message about mails", extra={"org": org_id, "outcome": outcome})
