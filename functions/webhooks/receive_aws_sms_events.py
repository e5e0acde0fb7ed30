"""Keep what AWS tells of text messages from an organisation's own account: deliveries, failures, opt-outs, replies."""

from aws_lambda_powertools import Logger

from clarion.edge import PUBLIC, InboundRequest, route
from clarion.wiring import aws_sms_webhook

logger = Logger()


@route("POST /connect/webhooks/aws-sms/{org_id}", needs=PUBLIC, status=204)
def handler(org_id: str, request: InboundRequest) -> None:
    outcome = aws_sms_webhook().receive(org_id, request.body)
    logger.info("an SNS message about texts", extra={"org": org_id, "outcome": outcome})
