"""Limits, ramp-ups, and what a vendor's throttling does to a rate."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clarion.domain.rates import RateRules, Throttling, cost, rate_now, rules_of, throttled, wait
from clarion.domain.sending_rules import RampUp, RateLimit, SendingRules

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RULES = SendingRules(
    rate_limits=(RateLimit(channel="email", per_second=14), RateLimit(channel="sms", per_second=0.5)),
    ramp_ups=(RampUp(channel="email", starts_on=date(2026, 11, 20), daily=(50, 100, 200)),),
)


@pytest.mark.parametrize(
    ("channel", "today", "expected"),
    [
        ("email", date(2026, 11, 19), RateRules(14, None)),
        ("email", date(2026, 11, 20), RateRules(14, 50)),
        ("email", date(2026, 11, 22), RateRules(14, 200)),
        ("email", date(2026, 11, 23), RateRules(14, None)),
        ("sms", date(2026, 11, 20), RateRules(0.5, None)),
        ("social", date(2026, 11, 20), RateRules(None, None)),
    ],
)
def test_a_channel_has_its_limit_and_the_allowance_of_the_day(channel: str, today: date, expected: RateRules) -> None:
    assert rules_of(RULES, channel, today) == expected


def test_the_vendors_wish_blocks_for_that_long_and_the_rate_is_halved() -> None:
    assert throttled(None, 14.0, 30.0, NOW) == Throttling(7.0, NOW + 30 * SECOND, 0)


@pytest.mark.parametrize(("asked", "seconds"), [(-5.0, 1), (0.0, 1), (2.5, 2.5), (float(10**9), 86_400)])
def test_a_block_is_from_a_second_to_a_day(asked: float, seconds: float) -> None:
    assert throttled(None, 14.0, asked, NOW).blocked_until == NOW + seconds * SECOND


def test_without_the_vendors_wish_the_block_doubles_with_each_repeat_up_to_a_minute() -> None:
    last, now, blocks = None, NOW, list[float]()
    for _ in range(9):
        last = throttled(last, 1000.0, None, now)
        blocks.append((last.blocked_until - now).total_seconds())
        now = last.blocked_until + 59 * SECOND
    assert blocks == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_a_quiet_minute_the_block_is_short_again() -> None:
    last = Throttling(10, NOW, 5)
    assert throttled(last, 14.0, None, NOW + 61 * SECOND).blocked_until == NOW + 62 * SECOND


def test_refusals_of_calls_that_were_under_way_count_as_one() -> None:
    first = throttled(None, 14.0, 10.0, NOW)
    assert throttled(first, 14.0, None, NOW + SECOND) is first
    assert throttled(first, 14.0, 9.0, NOW + SECOND) is first
    assert throttled(first, 14.0, 20.0, NOW + SECOND) == Throttling(7.0, NOW + 21 * SECOND, 0)


def test_throttling_never_takes_the_rate_below_one_a_second_unless_the_limit_is_lower() -> None:
    last = throttled(None, 1.2, None, NOW)
    assert last.to == 1.0
    assert rate_now(0.2, last, NOW) == 0.2


def test_where_nobody_counted_a_hundred_a_second_were_too_many() -> None:
    assert throttled(None, None, None, NOW).to == 50


def test_where_nobody_counted_since_the_last_throttling_its_rate_is_halved_as_it_recovered() -> None:
    last = Throttling(40, NOW, 0)
    assert throttled(last, None, None, NOW + 10 * SECOND).to == pytest.approx(22)
    assert throttled(last, None, None, NOW + 10 * MINUTE).to == 50


def test_the_rate_recovers_by_a_tenth_every_ten_seconds_from_the_end_of_the_block_up_to_the_limit() -> None:
    last = Throttling(7, NOW, 0)
    seen = [rate_now(14, last, NOW + n * SECOND) for n in (-5, 0, 9, 10, 25, 70, 80, 10**9)]
    assert seen == pytest.approx([7, 7, 7, 7.7, 8.47, 7 * 1.1**7, 14, 14])


def test_without_a_limit_throttling_is_forgotten_after_ten_minutes() -> None:
    last = Throttling(7, NOW, 0)
    assert rate_now(None, last, NOW + 10 * MINUTE - SECOND) == pytest.approx(7 * 1.1**59)
    assert rate_now(None, last, NOW + 10 * MINUTE) is None


def test_the_highest_limit_is_reached_again_from_the_slowest_rate() -> None:
    assert rate_now(10_000, Throttling(1, NOW, 0), NOW + timedelta(days=400)) == 10_000


def test_one_waits_for_the_block_and_for_the_debt_above_half_a_second() -> None:
    half = timedelta(seconds=0.5)
    assert wait(None, None, NOW) == timedelta(0)
    assert wait(NOW + half, None, NOW) == timedelta(0)
    assert wait(NOW + 3 * SECOND, None, NOW) == 2.5 * SECOND
    assert wait(NOW + 3 * SECOND, Throttling(1, NOW + SECOND, 0), NOW) == 2.5 * SECOND
    assert wait(NOW - MINUTE, Throttling(1, NOW + SECOND, 0), NOW) == SECOND
    assert wait(None, Throttling(1, NOW - SECOND, 0), NOW) == timedelta(0)


def test_messages_cost_no_less_time_than_the_rate_gives_them() -> None:
    assert cost(50, 14) == timedelta(microseconds=3_571_429)
    assert cost(1, 10_000) == timedelta(microseconds=100)
    assert cost(50, 5e-324) == timedelta(days=365)
