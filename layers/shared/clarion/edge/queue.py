"""One decorator for every queue worker: each message on its own, failures reported one by one."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, cast

from aws_lambda_powertools import Logger

logger = Logger()
Message = dict[str, Any]
Failures = dict[str, list[dict[str, str]]]


class Worker(Protocol):
    """A Lambda entry point that knows its queue's logical name in the template."""

    queue: str

    def __call__(self, event: Mapping[str, Any], context: Any) -> Failures: ...


def queue(name: str) -> Callable[[Callable[[Message, Callable[[], int]], None]], Worker]:
    """Make ``function(message, remaining_ms)`` the handler of the queue that the template calls ``name``.

    ``message`` is a record's JSON object, ``remaining_ms()`` the milliseconds until Lambda ends this invocation. A
    record whose function raises goes back to the queue (``ReportBatchItemFailures``) and at last to its DLQ, and the
    batch's other records are done with. Message bodies are never logged.
    """

    def decorate(function: Callable[[Message, Callable[[], int]], None]) -> Worker:
        def handler(event: Mapping[str, Any], context: Any) -> Failures:
            failed = []
            for record in event["Records"]:
                about = {"queue": name, "message_id": record["messageId"]}
                try:
                    function(_object(record["body"]), context.get_remaining_time_in_millis)
                except Exception:
                    logger.exception("message failed", extra=about)
                    failed.append({"itemIdentifier": record["messageId"]})
                else:
                    logger.info("message handled", extra=about)
            return {"batchItemFailures": failed}

        handler.queue = name  # type: ignore[attr-defined]
        return cast(Worker, handler)

    return decorate


def batch_queue(name: str) -> Callable[[Callable[[Sequence[Message]], Collection[int]]], Worker]:
    """As ``queue``, for work that is cheaper done together: ``function(messages)`` gives the positions that failed.

    A record that is no JSON object goes back without reaching the function.
    """

    def decorate(function: Callable[[Sequence[Message]], Collection[int]]) -> Worker:
        def handler(event: Mapping[str, Any], context: Any) -> Failures:  # noqa: ARG001 - Lambda's own signature
            read: dict[str, Message] = {}
            failed: list[str] = []
            for record in event["Records"]:
                try:
                    read[record["messageId"]] = _object(record["body"])
                except ValueError:
                    logger.exception("message failed", extra={"queue": name, "message_id": record["messageId"]})
                    failed.append(record["messageId"])
            ids = list(read)
            failed += [ids[position] for position in function(list(read.values()))]
            return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

        handler.queue = name  # type: ignore[attr-defined]
        return cast(Worker, handler)

    return decorate


def _object(body: str) -> Message:
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message
