"""Send one batch of a run."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import sending


@queue("SendQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    sending().send_message(message, remaining_ms)
