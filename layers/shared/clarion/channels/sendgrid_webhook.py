"""A request of SendGrid's Event Webhook: whose it is and what it tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from clarion.channels.sendgrid_signature import is_sendgrids

_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_SIGNATURE = "x-twilio-email-event-webhook-signature"


def is_genuine(public_keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the raw ``body`` was signed under one of the verification keys, not too long ago.

    ``headers`` have lower-case names. A key that is none verifies nothing.
    """
    try:
        return is_sendgrids(public_keys, headers.get(_TIMESTAMP, ""), body, headers.get(_SIGNATURE, ""), now)
    except ValueError:
        return False
