"""One JSON line for a request, or none: log lines cost more than the request on the busiest routes."""

import json
import os
import sys
import time
from collections.abc import Mapping

_NONE: Mapping[str, str] = {}


def outcome(route: str, result: str, ids: Mapping[str, str] = _NONE, *, failed: bool = False) -> None:
    """Say how a request ended. ``ids`` come from a genuine token: never an address, a token or anything unproven.

    Written where ``LOG_LEVEL`` is DEBUG or INFO; a failure, which someone has to look into, at every level.
    """
    if failed or os.environ.get("LOG_LEVEL", "").upper() in ("DEBUG", "INFO"):
        # Without a timestamp Lambda takes a line for INFO, and a stricter log level drops it.
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"timestamp": stamp, "level": "ERROR" if failed else "INFO", "route": route, "result": result, **ids}
        sys.stdout.write(f"{json.dumps(line, separators=(',', ':'))}\n")
