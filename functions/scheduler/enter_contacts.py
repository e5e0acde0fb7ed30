"""Let contacts into journeys that go on."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import entering


@queue("EntryQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    entering().enter_message(message, remaining_ms)
