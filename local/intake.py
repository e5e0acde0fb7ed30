"""Where the development channels hand in texts, posts and ads: `POST /inbox/messages`.

A web page that is open in a browser on this machine could post here as well. It cannot send JSON to another origin
without asking first, and nobody answers that, so other content types are refused.
"""

import json
from ipaddress import ip_address

from local.inbox import Answer
from local.outbox import Outbox

MOST_BYTES = 256 * 1024


def take(outbox: Outbox, client: str, content_type: str, body: bytes) -> Answer:
    """Keep one message; `client` is the address it comes from.

    201 when it was kept, 200 for an ad that was there already; 403, 413, 415 or 400 when it is refused.
    """
    if not _is_loopback(client):
        return _refused(403, "messages are taken from this machine alone")
    if len(body) > MOST_BYTES:
        return _refused(413, f"a message has at most {MOST_BYTES} bytes")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return _refused(415, "a message is JSON")
    try:
        content = json.loads(body)
        if not isinstance(content, dict):
            raise ValueError("a message is an object")
        kept = outbox.keep(content)
    except ValueError as error:
        return _refused(400, str(error))
    return Answer(201 if kept else 200, "application/json", json.dumps({"id": content["id"]}).encode())


def _refused(status: int, reason: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", f"{reason}\n".encode())


def _is_loopback(client: str) -> bool:
    try:
        return ip_address(client).is_loopback
    except ValueError:
        return False
