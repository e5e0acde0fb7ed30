"""What a call of a botocore client has proven that no answer came to, the same for every service of AWS."""

import ssl
import time
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from urllib3 import HTTPHeaderDict

from clarion.channels.http_outcomes import stated_pause
from clarion.domain.outcomes import Outcome, Retry, Stop, Unknown

CallFailed = (BotoCoreError, ClientError, ResponseParserError)
"""Everything a call of a botocore client raises."""

_HANDSHAKE_REASONS = {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST", "NO_SHARED_CIPHER"}


def of_no_answer(error: Exception, service: str) -> Outcome:
    """The outcome of one of `CallFailed` that is no ClientError; ``service`` is how the owner knows it."""
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | ProxyConnectionError):
        return Retry(None, f"no connection to {service}")
    if isinstance(error, SSLError):
        return _of_tls(error, service)
    if isinstance(error, ReadTimeoutError):
        return Unknown(f"{service} did not answer in time")
    if isinstance(error, HTTPClientError):
        return Unknown(f"the connection to {service} was lost before its answer")
    if isinstance(error, ResponseParserError):
        return Unknown(f"{service} answered something unreadable")
    if isinstance(error, CredentialRetrievalError):
        return Retry(None, "the credentials could not be fetched")
    # All that is left fails while the request is built: no credentials, no region, a parameter out of the model.
    return Stop(type(error).__name__, f"the request to {service} could not be made")


def asked_pause(error: ClientError) -> float | None:
    """Seconds that a throttled call is to be left alone; None where AWS does not say, as is usual."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return stated_pause(HTTPHeaderDict(headers), time.time())


def _of_tls(error: SSLError, service: str) -> Outcome:
    """A failed handshake proves that nothing was sent; TLS breaking later proves nothing."""
    for cause in _causes(error.kwargs.get("error")):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Retry(None, f"the certificate of the {service} endpoint does not verify")
        reason = str(getattr(cause, "reason", ""))
        if reason in _HANDSHAKE_REASONS or "HANDSHAKE" in reason:
            return Retry(None, f"no TLS connection to {service}")
    return Unknown(f"the TLS connection to {service} broke")


def _causes(error: object) -> Iterator[BaseException]:
    """The error and those it wraps: urllib3 keeps the ssl module's error as an argument."""
    while isinstance(error, BaseException):
        yield error
        error = next((inner for inner in error.args if isinstance(inner, BaseException)), None)
