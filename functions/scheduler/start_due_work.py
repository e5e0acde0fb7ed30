"""Every minute: start scheduled campaigns, and pick up what lost workers left lying."""

from typing import Any

from aws_lambda_powertools import Logger

from clarion.wiring import starting

logger = Logger()


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ARG001 - Lambda's own signature
    logger.info("tick", extra=starting().tick())
