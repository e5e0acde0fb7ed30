"""What a status alone proves, and how long vendors ask to be left alone."""

import pytest

from clarion.channels.http import Answer
from clarion.channels.http_outcomes import asked_pause, unprocessed
from clarion.domain.outcomes import Retry, Stop, Unknown

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z


def answer(status: int = 429, body: str = "", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


@pytest.mark.parametrize(("found", "seconds"), [
    (answer(Retry_After="120"), 120),
    (answer(Retry_After=" 0.5 "), 0.5),
    (answer(Retry_After="Sat, 21 Nov 2026 09:01:30 GMT"), 90),
    (answer(Retry_After="Sat, 21 Nov 2026 09:01:30 -0000"), 90),
    (answer(Retry_After="Sat, 21 Nov 2026 08:00:00 GMT"), 0),
    (answer(Retry_After="soon", X_RateLimit_Reset="1795251660"), 60),
    (answer(X_RateLimit_Reset="1795251000"), 0),
    (answer(X_RateLimit_Reset="42"), 42),
    (answer(body="limit exceeded, try again after 120 seconds"), 120),
    (answer(body="limit exceeded, try again after 1 hour"), 3600),
    (answer(body="Too many requests. Please try again in 2 minutes."), 120),
    (answer(Retry_After="nan"), None),
    (answer(Retry_After="-5"), None),
    (answer(Retry_After="1e9"), None),
    (answer(X_RateLimit_Reset="Infinity"), None),
    (answer(body="try again later"), None),
    (answer(), None),
])  # fmt: skip
def test_the_pause_a_vendor_asks_for(found, seconds):
    assert asked_pause(found, NOW) == seconds


def test_throttling_proves_that_nothing_was_done():
    assert unprocessed(answer(429, "slow down", Retry_After="7"), NOW) == Retry(7, "slow down", throttled=True)
    assert isinstance(unprocessed(answer(408)), Retry)


@pytest.mark.parametrize("status", [100, 500, 502, 503, 504, 599])
def test_a_failing_server_proves_nothing_even_if_it_says_when_to_come_back(status):
    assert unprocessed(answer(status, Retry_After="7")) == Unknown(f"the vendor answered {status}")


def test_a_redirect_is_a_wrong_address():
    assert isinstance(unprocessed(answer(301)), Stop)


@pytest.mark.parametrize("status", [200, 202, 400, 401, 404, 413])
def test_the_rest_is_the_vendors_to_say(status):
    assert unprocessed(answer(status)) is None
