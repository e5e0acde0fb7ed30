"""Read an uploaded file, of contacts or of suppressed addresses, as far as the time of one invocation allows."""

from collections.abc import Callable
from typing import Any

from clarion.edge.queue import queue
from clarion.wiring import import_run, suppression_import_run


@queue("ImportQueue")
def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
    if "suppression_import_id" in message:
        suppression_import_run().run(message["org"], message["suppression_import_id"], remaining_ms)
    else:
        import_run().run(message["org"], message["import_id"], remaining_ms)
