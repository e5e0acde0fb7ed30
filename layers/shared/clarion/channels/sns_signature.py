"""Whether a message to an HTTPS endpoint is Amazon SNS's
(https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).

The signature is RSA over named fields, with SHA-1 (``SignatureVersion`` 1) or SHA-256 (2), under a certificate that the
message points to: whose it is, its address says, so that is held to SNS's own hosts. Anybody may own a topic whose
messages are signed well, which is why the topic must be the expected one. It loads ``cryptography``; only the functions
that get these messages load it.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

from clarion.domain.sns_message import SnsMessage

WINDOW_SECONDS = 3_600 + 900
"""SNS tries an HTTPS endpoint for 3,600 s at most, a hard limit (https://docs.aws.amazon.com/sns/latest/dg/
sns-message-delivery-retries.html); a quarter of an hour more for its jitter and queueing. Within the window a repeated
message does no harm, because each event in it is kept once."""
_AHEAD_SECONDS = 300  # clocks differ
_MOST_CERTIFICATES = 16  # one a region, changed every few months

_HOST = r"https://sns\.[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(rf"{_HOST}/[A-Za-z0-9_-]+\.pem")
_SUBSCRIBE = re.compile(rf"{_HOST}/\?[!-~]+")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_DIGESTS: dict[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}


class SnsSignatures:
    """``fetch`` gets the PEM text at a URL; None where there is none, and it raises where nothing is known. What it got
    is kept for the life of the process."""

    def __init__(self, fetch: Callable[[str], bytes | None]) -> None:
        self._fetch = fetch
        self._known: dict[str, Certificate] = {}

    def message(self, body: bytes, topic: str, now: datetime) -> SnsMessage | None:
        """The message that the raw ``body`` is; None unless SNS signed it, for ``topic`` (an ARN), of late."""
        envelope = _envelope(body)
        kind = envelope.get("Type")
        if kind not in _SIGNED or envelope.get("TopicArn") != topic or not _is_timely(envelope, now):
            return None
        digest = _DIGESTS.get(envelope.get("SignatureVersion", ""))
        signed = _signed(envelope, _SIGNED[kind])
        if digest is None or signed is None:
            return None
        certificate = self._certificate(envelope.get("SigningCertURL", ""))
        if certificate is None or not _verifies(certificate, envelope.get("Signature", ""), signed, digest(), now):
            return None
        if kind != "SubscriptionConfirmation":
            return SnsMessage(kind, envelope)
        confirmed_at = envelope["SubscribeURL"]
        return SnsMessage(kind, envelope, confirmed_at) if _SUBSCRIBE.fullmatch(confirmed_at) else None

    def _certificate(self, url: str) -> Certificate | None:
        if not _CERTIFICATE.fullmatch(url):
            return None
        if url not in self._known:
            pem = self._fetch(url)
            if pem is None:
                return None
            try:
                found = load_pem_x509_certificate(pem)
            except ValueError:
                return None
            if len(self._known) >= _MOST_CERTIFICATES:
                self._known.clear()
            self._known[url] = found
        return self._known[url]


def _envelope(body: bytes) -> Mapping[str, Any]:
    """Empty for what is no envelope; all its fields are text."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _signed(envelope: Mapping[str, Any], names: tuple[str, ...]) -> bytes | None:
    """What the signature covers; a subject is signed where there is one. None where a field is missing or no text."""
    present = [name for name in names if name in envelope or name != "Subject"]
    try:
        return "".join(f"{name}\n{envelope[name]}\n" for name in present).encode()
    except (KeyError, UnicodeEncodeError):
        return None


def _is_timely(envelope: Mapping[str, Any], now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(envelope.get("Timestamp", ""))
    except ValueError:
        return False
    return at.tzinfo is not None and -_AHEAD_SECONDS <= (now - at).total_seconds() <= WINDOW_SECONDS


def _verifies(certificate: Certificate, signature: str, signed: bytes, digest: HashAlgorithm, now: datetime) -> bool:
    if not certificate.not_valid_before_utc <= now.astimezone(UTC) <= certificate.not_valid_after_utc:
        return False
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(b64decode(signature, validate=True), signed, PKCS1v15(), digest)
    except (InvalidSignature, ValueError):
        return False
    return True
