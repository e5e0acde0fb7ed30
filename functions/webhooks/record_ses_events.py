"""Keep what Amazon SES tells of our mails: deliveries, bounces, complaints."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from clarion.edge.queue import queue
from clarion.wiring import ses_events

logger = Logger()


@queue("EventsQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:  # noqa: ARG001 - every worker has it
    logger.info("SES event", extra={"outcome": ses_events().record(message)})
