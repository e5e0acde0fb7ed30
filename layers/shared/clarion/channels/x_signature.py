"""Whether a webhook is X's, and the proof it asks of us each hour (https://docs.x.com/x-api/webhooks/quickstart).

The signature covers no time: a request told again is told apart by the ids of its events.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping

HEADER = "x-twitter-webhooks-signature"

_TOKEN = re.compile(r"[ -z|}~]{1,512}")  # no brace, so no JSON object


def is_xs(consumer_secrets: Iterable[str], body: bytes, signature: str) -> bool:
    """Whether the header's ``signature`` is that of the raw ``body`` under one of the secrets (two while rotating)."""
    found = False
    for secret in consumer_secrets:
        found |= hmac.compare_digest(_digest(body, secret).encode(), signature.encode("utf-8", "replace"))
    return found


def crc_answer(query: Mapping[str, str], consumer_secret: str) -> str | None:
    """The ``response_token`` for a GET with ``crc_token``: within 3 seconds, or X ends the subscription.

    None for what may be no such token: whoever has a request's body answered has it signed as X signs requests.
    """
    token = query.get("crc_token", "")
    return _digest(token.encode(), consumer_secret) if _TOKEN.fullmatch(token) else None


def _digest(octets: bytes, secret: str) -> str:
    return "sha256=" + b64encode(hmac.new(secret.encode(), octets, hashlib.sha256).digest()).decode()
