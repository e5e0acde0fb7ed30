"""X's API v2 (https://docs.x.com/x-api): JSON requests and what a refusal proves."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from clarion.channels.http import Answer, HttpClient
from clarion.channels.http_outcomes import asked_pause, unprocessed
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown

API = "https://api.x.com"
DUPLICATE = "Duplicate"
"""The code of a `Rejected` because the account has posted the same text already."""

_TOO_LONG = re.compile(r"too long|shorter|longer than", re.IGNORECASE)
_REFUSED = {400, 404, 409, 413, 422}
_LONG_LIMITS = ("X-App-Limit-24hour", "X-User-Limit-24hour")

Json = dict[str, Any]


class XClient:
    """``token`` is an OAuth 2 user token with ``tweet.read tweet.write users.read media.write``."""

    def __init__(
        self,
        token: str,
        base_url: str = API,
        *,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._http = HttpClient(
            base_url,
            headers={"Authorization": f"Bearer {token}"},
            secrets=[token],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
        )
        self._now = now

    def get(self, path: str, query: Mapping[str, str]) -> Json | Failure:
        """The answer whole: ``data`` and ``errors``."""
        return self._read(self._http.request("GET", path, query=query))

    def post_json(self, path: str, payload: Mapping[str, object]) -> Json | Failure:
        """Likewise."""
        return self._read(self._http.post_json(path, payload))

    def post(self, path: str) -> Json | Failure:
        """A request without a body."""
        return self._read(self._http.request("POST", path))

    def _read(self, answer: Answer | Retry | Unknown) -> Json | Failure:
        if not isinstance(answer, Answer):
            return answer
        if 200 <= answer.status < 300:
            found = answer.json() if answer.body else {}
            return found if isinstance(found, dict) else Unknown("X answered something unreadable")
        return of_problem(answer, self._now())


def data_of(found: Json) -> Json:
    """``data``; empty where there is none."""
    data = found.get("data")
    return data if isinstance(data, dict) else {}


def of_problem(answer: Answer, now: float) -> Failure:
    """What a problem document proves (https://docs.x.com/x-api/fundamentals/response-codes-and-errors)."""
    found = answer.json()
    told = found if isinstance(found, dict) else {}
    words = answer.words(told.get("detail") or told.get("title"))
    kind = str(told.get("type") or "").rpartition("/")[2]
    if kind == "usage-capped":
        return Stop(kind, words)  # of this month, or of what was paid for
    if answer.status == 429:
        return Retry(_pause(answer, now), words, throttled=True)
    outcome = unprocessed(answer, now)
    if outcome is not None:
        return outcome
    if answer.status == 403 and "duplicate" in words.lower():
        return Rejected(DUPLICATE, words)
    if answer.status == 403 and _TOO_LONG.search(words):
        return Rejected("TooLong", words)
    return (Rejected if answer.status in _REFUSED else Stop)(str(answer.status), words)


def _pause(answer: Answer, now: float) -> float | None:
    """The longest of the limits that are used up; the plain headers tell of the quarter of an hour only."""
    resets = [
        answer.headers.get(f"{limit}-Reset", "")
        for limit in _LONG_LIMITS
        if answer.headers.get(f"{limit}-Remaining") == "0"
    ]
    days = [float(reset) - now for reset in resets if reset.isdigit()]
    return max(0.0, *days) if days else asked_pause(answer, now)
