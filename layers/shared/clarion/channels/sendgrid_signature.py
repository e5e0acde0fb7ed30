"""Whether a request is SendGrid's
(https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).

The signature is ECDSA on P-256 with SHA-256 over timestamp and raw body, line end at its end included. It loads
``cryptography``; only the function that gets these requests loads it.
"""

from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

WINDOW_SECONDS = 26 * 3600
"""SendGrid tries for 24 hours to get rid of a request. Within the window a repeated one does no harm, because each
event in it is kept once."""
_AHEAD_SECONDS = 300  # clocks differ


def is_sendgrids(public_keys: Iterable[str], timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether ``signature`` is that of the raw ``body`` under one of the verification keys, and not too old.

    ``timestamp`` and ``signature`` are the headers ``X-Twilio-Email-Event-Webhook-Timestamp`` and ``…-Signature``;
    several keys are those of an account that is rotating its own. ValueError for a key that is none.
    """
    keys = [_loaded(key) for key in public_keys]
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
        return False
    if not -_AHEAD_SECONDS <= now.timestamp() - int(timestamp) <= WINDOW_SECONDS:
        return False
    try:
        given = b64decode(signature, validate=True)
    except ValueError:
        return False
    return any(_verifies(key, given, timestamp.encode() + body) for key in keys)


def _loaded(public_key: str) -> EllipticCurvePublicKey:
    try:
        key = load_der_public_key(b64decode(public_key, validate=True))
    except ValueError:
        raise ValueError("not a verification key of SendGrid") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a verification key of SendGrid")
    return key


def _verifies(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
