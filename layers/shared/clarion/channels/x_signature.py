"""Whether a webhook is X's, and the proof it asks of us each hour (https://docs.x.com/x-api/webhooks/quickstart).

The signature covers no time: a request told again is told apart by the ids of its events.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable

HEADER = "x-twitter-webhooks-signature"


def is_xs(consumer_secrets: Iterable[str], body: bytes, signature: str) -> bool:
    """Whether the header's ``signature`` is that of the raw ``body`` under one of the secrets (two while rotating)."""
    found = False
    for secret in consumer_secrets:
        found |= hmac.compare_digest(_digest(body, secret).encode(), signature.encode("utf-8", "replace"))
    return found


def crc_answer(crc_token: str, consumer_secret: str) -> dict[str, str]:
    """What to answer, as JSON, to a GET with ``crc_token``: within 3 seconds, or X ends the subscription."""
    return {"response_token": _digest(crc_token.encode("utf-8", "replace"), consumer_secret)}


def _digest(octets: bytes, secret: str) -> str:
    return "sha256=" + b64encode(hmac.new(secret.encode(), octets, hashlib.sha256).digest()).decode()
