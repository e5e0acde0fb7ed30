"""What an error of Meta's Graph API proves.

https://developers.facebook.com/docs/graph-api/guides/error-handling and, for publishing on Instagram,
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
"""

import json
from typing import Any

from clarion.channels.http import Answer
from clarion.channels.http_outcomes import asked_pause, unprocessed
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown

DUPLICATE = "506"
"""The code of a `Rejected` because the page shows the same post already."""
GONE = "100/33"
"""The code of a `Rejected` because there is no such object, or none that the token may see."""

_THROTTLED = {4, 17, 32, 341, 613, *range(80000, 80015)}
_UNCLEAR = {-2, -1, 1, 2}  # "an unknown error": some of these posts have been seen published
_ACCOUNT = {3, 10, 25, 102, 190, 368, *range(200, 300)}
_NOT_READY = {9007}  # the container is still being prepared
_QUOTA = {2207042}  # subcode: as many posts published as a day allows
_RESTRICTED = {2207050, 2207051}  # subcodes: the account is blocked, or acts like a spammer
_USAGE = "X-Business-Use-Case-Usage"


def of_error(answer: Answer, now: float) -> Failure:
    """``now`` is epoch seconds. Codes are ``code`` or ``code/subcode`` as Meta numbers them."""
    found = answer.json()
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return _of_status(answer, now)
    code, subcode = error["code"], error.get("error_subcode")
    words = answer.words(error.get("error_user_msg") or error.get("message") or code)
    name = f"{code}/{subcode}" if subcode else str(code)
    if subcode in _RESTRICTED:
        return Stop(name, words)
    if code in _THROTTLED or subcode in _QUOTA:
        return Retry(_regained(answer, now), words, throttled=True)
    if code in _NOT_READY:
        return Retry(None, words)
    if code in _UNCLEAR or (error.get("is_transient") is True and code not in _ACCOUNT):
        return Unknown(words)
    if code in _ACCOUNT:
        return Stop(name, words)
    if code == int(DUPLICATE):
        return Rejected(DUPLICATE, words)
    return Stop(name, words) if answer.status in (401, 403) else Rejected(name, words)


def _of_status(answer: Answer, now: float) -> Failure:
    outcome = unprocessed(answer, now)
    if outcome is not None:
        return outcome
    if answer.status < 300:
        return Unknown("Meta answered something unreadable")
    stopped = answer.status in (401, 403, 404)
    return (Stop if stopped else Rejected)(str(answer.status), answer.words())


def _regained(answer: Answer, now: float) -> float | None:
    """Seconds until calls are taken again: Meta tells minutes per business in a header of JSON."""
    try:
        told: Any = json.loads(answer.headers.get(_USAGE, ""))
        minutes = [each["estimated_time_to_regain_access"] for usages in told.values() for each in usages]
        longest = float(max(minutes, default=0))
    except (ValueError, TypeError, KeyError, AttributeError):
        longest = 0
    return longest * 60 if longest > 0 else asked_pause(answer, now)
