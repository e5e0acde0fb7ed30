"""Count new engagement events from the table's stream, each exactly once, and hand contacts on to journeys."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from clarion.wiring import aggregation, forwarding, settling, signs_of_life

logger = Logger()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001 - Lambda's own
    """A record that cannot be counted is given back, to be retried alone and at last kept by the dead-letter queue.

    So is one that cannot be handed on; when it comes again, it is not counted again. A journey asks what is counted,
    so counting comes first.
    """
    done = aggregation().aggregate(event["Records"])
    settled = settling().left(done.left) if done.left else 0
    left = forwarding().forward(r for r in event["Records"] if _number(r) not in done.failed)
    outcome = {"events": done.events, "transactions": done.transactions, "overtaken": done.overtaken}
    logger.info("counted", extra={**outcome, "erased": done.erased, "settled": settled})
    for number, attribute in done.failed.items():
        logger.error("an event cannot be counted", extra={"sequence_number": number, "attribute": attribute})
    newest = _newest(event["Records"])
    if done.events and newest:
        signs_of_life().counted(newest, datetime.now(UTC))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in (*done.failed, *left)]}


def _number(record: Mapping[str, Any]) -> str:
    return str(record.get("dynamodb", {}).get("SequenceNumber", ""))


def _newest(records: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the newest record was written to the table: an event may tell of something that happened long before.

    Lambda gives epoch seconds; records that somebody feeds in by hand may have none.
    """
    written = [record.get("dynamodb", {}).get("ApproximateCreationDateTime") for record in records]
    seconds = max((each for each in written if isinstance(each, int | float)), default=None)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
