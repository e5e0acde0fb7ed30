"""What Amazon SES v2 answers, as our outcomes (error and status names: botocore's model of sesv2)."""

import ssl
from collections.abc import Iterator, Mapping
from typing import Any

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

from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

_REFUSED = {"MessageRejected", "BadRequestException", "MESSAGE_REJECTED", "INVALID_PARAMETER"}
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling"}
_NOT_PROCESSED = {"ACCOUNT_THROTTLED", "TRANSIENT_FAILURE", "FAILED"}
_ACCOUNT_TEXTS = ("not verified", "daily message quota", "sending suspended", "sending paused")
"""SES reports an unverified identity, a used-up day and a closed account as refusals of the message, too."""
_HANDSHAKE_REASONS = {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST", "NO_SHARED_CIPHER"}


CallFailed = (BotoCoreError, ClientError, ResponseParserError)
"""Everything a call of a botocore client raises."""


def of_error(error: Exception) -> Outcome:
    """What a whole call that raised one of `CallFailed` has proven."""
    if isinstance(error, ClientError):
        return _of_answer(error)
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | ProxyConnectionError):
        return Retry(None, "no connection to Amazon SES")
    if isinstance(error, SSLError):
        return _of_tls(error)
    if isinstance(error, ReadTimeoutError):
        return Unknown("Amazon SES did not answer in time")
    if isinstance(error, HTTPClientError):
        return Unknown("the connection to Amazon SES was lost before its answer")
    if isinstance(error, ResponseParserError):
        return Unknown("Amazon SES answered something unreadable")
    if isinstance(error, CredentialRetrievalError):
        return Retry(None, "the credentials could not be fetched")
    # All that is left fails while the request is built: no credentials, no region, a parameter out of the model.
    return Stop(type(error).__name__, "the request to Amazon SES could not be made")


def of_entry(result: Mapping[str, Any]) -> Outcome:
    """One ``BulkEmailEntryResult``."""
    status = str(result.get("Status", ""))
    text = str(result.get("Error") or status)[:300]
    if status == "SUCCESS":
        return Accepted(str(result.get("MessageId", "")))
    if status in _NOT_PROCESSED:
        return Retry(None, text, throttled="THROTTLED" in status)
    if status in _REFUSED:
        return _refusal(status, text)
    if status:
        return Stop(status, text)
    return Unknown("Amazon SES gave no status for the message")


def _of_answer(error: ClientError) -> Outcome:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    text = str(answer.get("Error", {}).get("Message") or code)[:300]
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status >= 500 or status < 400:
        return Unknown(f"Amazon SES answered {status}")
    if status == 413:
        return Rejected("RequestTooLong", "the message is larger than Amazon SES takes")
    if code in _THROTTLED or status == 429:
        return _refusal(code, text) if _is_account(text) else Retry(None, text, throttled=True)
    if code == "RequestTimeout" or status == 408:
        return Retry(None, "Amazon SES did not receive the whole request")
    if code in _REFUSED:
        return _refusal(code, text)
    return Stop(code, text)


def _refusal(code: str, text: str) -> Outcome:
    return Stop(code, text) if _is_account(text) else Rejected(code, text)


def _is_account(text: str) -> bool:
    return any(words in text.lower() for words in _ACCOUNT_TEXTS)


def _of_tls(error: SSLError) -> Outcome:
    """A failed handshake proves that nothing was sent; TLS breaking later proves nothing."""
    for cause in _causes(error.kwargs.get("error")):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Retry(None, "the certificate of the Amazon SES endpoint does not verify")
        reason = str(getattr(cause, "reason", ""))
        if reason in _HANDSHAKE_REASONS or "HANDSHAKE" in reason:
            return Retry(None, "no TLS connection to Amazon SES")
    return Unknown("the TLS connection to Amazon SES broke")


def _causes(error: object) -> Iterator[BaseException]:
    """The error and those it wraps: urllib3 keeps the ssl module's error as an argument."""
    while isinstance(error, BaseException):
        yield error
        error = next((inner for inner in error.args if isinstance(inner, BaseException)), None)
