"""Whether a request is Mailgun's
(https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).

The signature is HMAC-SHA256 over timestamp and token. **It does not cover the event**: whoever has seen one request
could put another event beside its signature. So a token is taken once, together with the body it came with; keeping
tokens for `WINDOW_SECONDS` is the caller's. A request told again by Mailgun has the same body and may pass.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

WINDOW_SECONDS = 9 * 3600
"""Mailgun tries for 8 hours to get rid of a request."""
_AHEAD_SECONDS = 300  # clocks differ


def is_mailguns(signing_keys: Iterable[str], signature: Mapping[str, object], now: datetime) -> bool:
    """Whether ``signature`` was made with one of the keys, and not too long ago.

    It holds ``timestamp``, ``token`` and ``signature``: the part of the JSON that is called so, or a form's fields.
    Several keys are those of an account that is rotating its own.
    """
    timestamp, token, given = (signature.get(name) for name in ("timestamp", "token", "signature"))
    if not (isinstance(timestamp, str) and isinstance(token, str) and isinstance(given, str)):
        return False
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 and token):
        return False
    found = False
    signed = (timestamp + token).encode("utf-8", "replace")
    for key in signing_keys:
        made = hmac.new(key.encode(), signed, sha256).hexdigest()
        found |= hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))
    return found and -_AHEAD_SECONDS <= now.timestamp() - int(timestamp) <= WINDOW_SECONDS
