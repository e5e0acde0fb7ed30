"""What holds for the answers of every HTTP vendor: throttling, failing servers, a wish to be left alone for a while."""

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from clarion.channels.http import Answer
from clarion.domain.outcomes import Retry, Stop, Unknown

_SECONDS = re.compile(r"\d{1,10}(?:\.\d{1,6})?")
_EPOCH = 1_000_000_000
"""What is larger is a moment (epoch seconds), what is smaller a number of seconds."""
_IN_WORDS = re.compile(r"try again (?:after|in) (\d{1,6}) (second|minute|hour)")
_UNIT = {"second": 1, "minute": 60, "hour": 3600}


def unprocessed(answer: Answer, now: float | None = None) -> Retry | Stop | Unknown | None:
    """What the status alone tells, the same for all vendors; None where the vendor's own rules decide.

    429 and 408 prove that nothing was done, 5xx proves nothing, a redirect means a wrong address. ``now`` is epoch
    seconds, by default the present.
    """
    if answer.status == 429:
        return Retry(asked_pause(answer, time.time() if now is None else now), answer.words(), throttled=True)
    if answer.status == 408:
        return Retry(None, "the vendor did not receive the whole request")
    if answer.status >= 500 or answer.status < 200:
        return Unknown(f"the vendor answered {answer.status}")
    if 300 <= answer.status < 400:
        return Stop(str(answer.status), "the vendor answers at another address")
    return None


def asked_pause(answer: Answer, now: float) -> float | None:
    """Seconds the vendor asks to wait, never below 0; None where it does not say.

    By `stated_pause`, or in words ("try again after 120 seconds").
    """
    stated = stated_pause(answer.headers, now)
    if stated is not None:
        return stated
    words = _IN_WORDS.search(answer.words())
    return float(words[1]) * _UNIT[words[2]] if words else None


def stated_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Likewise by headers alone (their names in any case): Retry-After (RFC 9110: seconds or a date), or
    X-RateLimit-Reset."""
    stated = headers.get("Retry-After", "").strip()
    if stated:
        found = _seconds(stated, now) if _SECONDS.fullmatch(stated) else _until(stated, now)
        if found is not None:
            return found
    reset = _reset(headers)
    return _seconds(reset, now) if _SECONDS.fullmatch(reset) else None


def _reset(headers: Mapping[str, str]) -> str:
    return headers.get("X-RateLimit-Reset", headers.get("X-Rate-Limit-Reset", "")).strip()


def _seconds(text: str, now: float) -> float:
    value = float(text)
    return max(0.0, value - now) if value >= _EPOCH else value


def _until(text: str, now: float) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
