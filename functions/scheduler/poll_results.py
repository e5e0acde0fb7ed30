"""Every five minutes: read the figures of posts and ads, and look for those that may or may not be out."""

from typing import Any

from aws_lambda_powertools import Logger

from clarion.wiring import polling

logger = Logger()


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ARG001 - Lambda's own signature
    logger.info("results", extra={"polled": polling().poll(context.get_remaining_time_in_millis)})
