"""What Amazon SES v2 answers, as our outcomes (error and status names: botocore's model of sesv2)."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from clarion.channels.aws_failures import asked_pause, of_no_answer
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

_REFUSED = {"MessageRejected", "BadRequestException", "MESSAGE_REJECTED", "INVALID_PARAMETER"}
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling"}
_NOT_PROCESSED = {"ACCOUNT_THROTTLED", "TRANSIENT_FAILURE", "FAILED"}
_ACCOUNT_TEXTS = ("not verified", "daily message quota", "sending suspended", "sending paused")
"""SES reports an unverified identity, a used-up day and a closed account as refusals of the message, too."""


def of_error(error: Exception) -> Outcome:
    """What a whole call that raised one of `aws_failures.CallFailed` has proven."""
    if isinstance(error, ClientError):
        return _of_answer(error)
    return of_no_answer(error, "Amazon SES")


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
        return _refusal(code, text) if _is_account(text) else Retry(asked_pause(error), text, throttled=True)
    if code == "RequestTimeout" or status == 408:
        return Retry(None, "Amazon SES did not receive the whole request")
    if code in _REFUSED:
        return _refusal(code, text)
    return Stop(code, text)


def _refusal(code: str, text: str) -> Outcome:
    return Stop(code, text) if _is_account(text) else Rejected(code, text)


def _is_account(text: str) -> bool:
    return any(words in text.lower() for words in _ACCOUNT_TEXTS)
