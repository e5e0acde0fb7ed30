"""Every hour: renew tokens that end soon and that no campaign has asked for."""

from typing import Any

from aws_lambda_powertools import Logger

from clarion.wiring import token_renewal

logger = Logger()


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ARG001 - Lambda's own signature
    logger.info("tokens", extra=token_renewal().renew_due(context.get_remaining_time_in_millis))
