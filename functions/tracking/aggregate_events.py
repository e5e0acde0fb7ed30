"""Count new engagement events from the table's stream, each exactly once."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from clarion.wiring import aggregation

logger = Logger()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001 - Lambda's own
    """A record that cannot be counted is given back, to be retried alone and at last kept by the dead-letter queue."""
    done = aggregation().aggregate(event["Records"])
    outcome = {"events": done.events, "transactions": done.transactions, "overtaken": done.overtaken}
    logger.info("counted", extra={**outcome, "erased": done.erased})
    for number, attribute in done.failed.items():
        logger.error("an event cannot be counted", extra={"sequence_number": number, "attribute": attribute})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in done.failed]}
