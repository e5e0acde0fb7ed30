"""Write an export (contacts, recipients, suppression list) as far as the time of one invocation allows."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import export_run, recipient_export_run, suppression_export_run


@queue("ExportQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    if "recipient_export_id" in message:
        recipient_export_run().run(message["org"], message["recipient_export_id"], remaining_ms)
    elif "suppression_export_id" in message:
        suppression_export_run().run(message["org"], message["suppression_export_id"], remaining_ms)
    else:
        export_run().run(message["org"], message["export_id"], remaining_ms)
