"""Write an export, of contacts or of recipients, as far as the time of one invocation allows."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import export_run, recipient_export_run


@queue("ExportQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    if "recipient_export_id" in message:
        recipient_export_run().run(message["org"], message["recipient_export_id"], remaining_ms)
    else:
        export_run().run(message["org"], message["export_id"], remaining_ms)
