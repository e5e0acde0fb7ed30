"""What an error of the Google Ads API proves (https://developers.google.com/google-ads/api/docs/best-practices/errors).

Google names each error in two words, its kind and its code: ``quotaError`` and ``RESOURCE_EXHAUSTED``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from clarion.channels.http import Answer
from clarion.channels.http_outcomes import unprocessed
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown

DUPLICATES = {"DUPLICATE_CAMPAIGN_NAME", "DUPLICATE_NAME"}
"""Codes of a `Rejected` because something has this name already."""

_TOO_FAST = {"RESOURCE_TEMPORARILY_EXHAUSTED", "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION"}
_AGAIN = {"TRANSIENT_ERROR", "CONCURRENT_MODIFICATION"}
_UNCLEAR = {"DEADLINE_EXCEEDED", "INTERNAL_ERROR"}
_ACCOUNT_KINDS = {"authenticationError", "authorizationError", "headerError", "quotaError", "customerError"}
_ACCOUNT_STATES = {"UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED"}


def of_error(answer: Answer, now: float) -> Failure:
    """``now`` is epoch seconds."""
    found = answer.json()
    first = found[0] if isinstance(found, list) and found else found  # a stream's answers are a list
    told = first.get("error") if isinstance(first, dict) else None
    error: Mapping[str, Any] = told if isinstance(told, dict) else {}
    errors = list(_errors(error))
    if not errors:
        return _of_status(answer, error, now)
    codes = {code for _, code, _ in errors}
    words = answer.words("; ".join(str(each.get("message")) for *_, each in errors))
    if codes & _TOO_FAST:
        delays = [_delay(each) for *_, each in errors]
        return Retry(max((delay for delay in delays if delay is not None), default=None), words, throttled=True)
    if codes & _UNCLEAR:
        return Unknown(words)
    if codes & _AGAIN:
        return Retry(None, words)
    if codes & DUPLICATES:
        return Rejected(next(iter(codes & DUPLICATES)), words)
    account = any(kind in _ACCOUNT_KINDS for kind, *_ in errors)
    return (Stop if account else Rejected)(errors[0][1], words)


def _of_status(answer: Answer, error: Mapping[str, Any], now: float) -> Failure:
    words, state = answer.words(error.get("message")), str(error.get("status") or answer.status)
    if state in _ACCOUNT_STATES and answer.status != 429:
        return Stop(state, words)
    outcome = unprocessed(answer, now)
    if outcome is not None:
        return outcome
    return (Stop if answer.status in (401, 403, 404) else Rejected)(state, words)


def _errors(error: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Kind, code and the error of each in every ``GoogleAdsFailure``."""
    details = error.get("details")
    for detail in details if isinstance(details, list) else []:
        listed = detail.get("errors") if isinstance(detail, dict) else None
        for each in listed if isinstance(listed, list) else []:
            named = each.get("errorCode") if isinstance(each, dict) else None
            if isinstance(named, dict) and named:
                kind, code = next(iter(named.items()))
                yield kind, str(code), each


def _delay(error: Mapping[str, Any]) -> float | None:
    """``"5s"``, in the details of a quota error."""
    details = error.get("details")
    quota = details.get("quotaErrorDetails") if isinstance(details, dict) else None
    told = quota.get("retryDelay") if isinstance(quota, dict) else None
    try:
        return float(str(told).removesuffix("s"))
    except ValueError:
        return None
