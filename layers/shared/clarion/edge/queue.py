"""One decorator for every queue worker: each message on its own, failures reported one by one."""

import json
from collections.abc import Callable, Mapping
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


def _object(body: str) -> Message:
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message
