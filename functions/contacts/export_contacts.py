"""Write a contact export, as far as the time of one invocation allows."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import export_run


@queue("ExportQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    export_run().run(message["org"], message["export_id"], remaining_ms)
