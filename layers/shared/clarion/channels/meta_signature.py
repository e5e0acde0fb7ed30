"""Whether a webhook is Meta's (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).

The signature covers no time: a request told again is told apart by the ids of its events.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

HEADER = "X-Hub-Signature-256"


def is_metas(app_secrets: Iterable[str], body: bytes, signature: str) -> bool:
    """Whether the header's ``signature`` is that of the raw ``body`` under one of the secrets (two while rotating).

    Meta signs its own octets, with all beyond ASCII escaped: JSON that was parsed and written anew does not verify.
    """
    found = False
    for secret in app_secrets:
        made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        found |= hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))
    return found


def challenge_of(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer to a subscription's GET: its challenge as plain text, None (403) where the token is not ours."""
    if query.get("hub.mode") != "subscribe" or not verify_token:
        return None
    if not hmac.compare_digest(query.get("hub.verify_token", "").encode("utf-8", "replace"), verify_token.encode()):
        return None
    return query.get("hub.challenge")
