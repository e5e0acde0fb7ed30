"""AWS Signature Version 4 for the one kind of request the hot path makes: a POST of JSON to DynamoDB's root.

Rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import time
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest as hmac_digest
from typing import NamedTuple

_TARGET = "DynamoDB_20120810."
_CONTENT_TYPE = "application/x-amz-json-1.0"


class Credentials(NamedTuple):
    """``token`` is empty for long-lived keys."""

    access_key: str
    secret_key: str
    token: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Credentials":
        """From the ``AWS_…`` variables; ``KeyError`` names the one that is missing."""
        return cls(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN", ""),
        )


class RequestSigner:
    """Makes the headers of a request. Keeps the day's signing key, which depends on secret, day and region alone."""

    def __init__(self, host: str, region: str) -> None:
        self._host, self._region = host, region
        self._key_of: tuple[str, str] | None = None
        self._key = b""

    def headers(self, operation: str, body: bytes, credentials: Credentials, now: float) -> dict[str, str]:
        """Headers that name and sign ``operation`` with ``body`` at ``now`` (seconds since the epoch)."""
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        day = moment[:8]
        scope = f"{day}/{self._region}/dynamodb/aws4_request"
        headers = {
            "Content-Type": _CONTENT_TYPE,
            "Host": self._host,
            "X-Amz-Date": moment,
            "X-Amz-Target": _TARGET + operation,
        }
        token = signed_token = ""
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
            token, signed_token = f"x-amz-security-token:{credentials.token}\n", "x-amz-security-token;"
        signed = f"content-type;host;x-amz-date;{signed_token}x-amz-target"
        canonical = (
            f"POST\n/\n\ncontent-type:{_CONTENT_TYPE}\nhost:{self._host}\nx-amz-date:{moment}\n{token}"
            f"x-amz-target:{_TARGET}{operation}\n\n{signed}\n{sha256(body).hexdigest()}"
        )
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac_digest(self._signing_key(credentials.secret_key, day), to_sign.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _signing_key(self, secret: str, day: str) -> bytes:
        if self._key_of != (secret, day):
            self._key_of, self._key = (secret, day), self._derive(secret, day)
        return self._key

    def _derive(self, secret: str, day: str) -> bytes:
        key = f"AWS4{secret}".encode()
        for part in (day, self._region, "dynamodb", "aws4_request"):
            key = hmac_digest(key, part.encode(), "sha256")
        return key
