"""Keep what Amazon SES tells of our mails: deliveries, bounces, complaints."""

from collections.abc import Collection, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from clarion.edge.queue import batch_queue
from clarion.wiring import ses_events

logger = Logger()


@batch_queue("EventsQueue")
def handler(messages: Sequence[dict[str, Any]]) -> Collection[int]:
    recorded = ses_events().record(messages)
    logger.info("SES events", extra={"outcomes": recorded.outcomes})
    for position, reason in recorded.failed.items():
        logger.error("an SES event cannot be read", extra={"position": position, "reason": reason})
    return recorded.failed
