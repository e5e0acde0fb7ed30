"""The ``state`` of an authorization request (RFC 6749 §10.12): who asked, for what, until when, signed.

``<base64url of JSON>.<base64url of HMAC-SHA256>``. It names the record that holds the rest, which can be taken once.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

CONSENT = timedelta(minutes=10)
"""How long a member has to consent at the vendor."""
_LONGEST = 1_000
_PURPOSE = b"clarion oauth state 1\0"


@dataclass(frozen=True, slots=True)
class OAuthState:
    """``authorization_id`` names the record; ``until`` is epoch seconds."""

    org_id: str
    user_id: str
    platform: str
    authorization_id: str
    until: int

    def signed(self, key: bytes) -> str:
        """The parameter's text."""
        payload = json.dumps(asdict(self), separators=(",", ":")).encode()
        return f"{_text(payload)}.{_text(_mac(key, payload))}"


def read_state(text: str, key: bytes, now: datetime) -> OAuthState | None:
    """The state of a text that this key signed and whose time has not passed; None for everything else."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    payload_text, _, mac_text = text.partition(".")
    try:
        payload, mac = _bytes(payload_text), _bytes(mac_text)
    except ValueError:
        return None
    if not hmac.compare_digest(mac, _mac(key, payload)):
        return None
    state = OAuthState(**json.loads(payload))
    return state if now.timestamp() < state.until else None


def new_verifier() -> str:
    """A PKCE code verifier (RFC 7636 §4.1): 43 characters, 256 bits."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """Its S256 challenge (RFC 7636 §4.2)."""
    return _text(sha256(verifier.encode()).digest())


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + payload, "sha256")


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(found) != text:  # the decoder skips what is not of the alphabet
        raise ValueError("not base64url")
    return found
