"""Plan one contact shard of a run: who gets the message, in batches."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import planning


@queue("PlanQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    planning().plan_message(message, remaining_ms)
