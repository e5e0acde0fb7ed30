"""The rule of the automatic pause."""

import pytest

from clarion.domain.guard import breach
from clarion.domain.sending_rules import Guard

GUARD = Guard()


def test_below_both_limits_nothing_is_said() -> None:
    assert breach(GUARD, 5000, complaints=4, hard_bounces=249) is None


def test_too_many_complaints_are_told_in_words() -> None:
    assert breach(GUARD, 5000, 6, 0) == "complaints reached 0.12 % (limit 0.1 %) of 5,000 sends"


def test_too_many_hard_bounces_are_told_in_words() -> None:
    assert breach(GUARD, 600, 0, 32) == "hard bounces reached 5.33 % (limit 5 %) of 600 sends"


def test_both_are_told() -> None:
    assert breach(GUARD, 1000, 1000, 50) == (
        "complaints reached 100 % (limit 0.1 %) of 1,000 sends; hard bounces reached 5 % (limit 5 %) of 1,000 sends"
    )


def test_too_few_sends_say_nothing_yet() -> None:
    assert breach(GUARD, 499, 499, 499) is None
    assert breach(GUARD, 500, 499, 499) is not None


def test_a_guard_that_is_switched_off_says_nothing() -> None:
    assert breach(Guard(enabled=False), 5000, 5000, 5000) is None


@pytest.mark.parametrize("limit", [0.001, 0.003, 0.007, 0.05, 0.07, 0.1, 0.55])
def test_a_share_that_equals_its_limit_has_reached_it(limit: float) -> None:
    """In binary fractions, some of these products come out a little too high."""
    guard = Guard(complaints=limit, minimum_sends=1)
    per_thousand = round(limit * 1000)
    for thousands in range(1, 200):
        assert breach(guard, thousands * 1000, thousands * per_thousand, 0) is not None
        assert breach(guard, thousands * 1000, thousands * per_thousand - 1, 0) is None


def test_a_very_low_limit_is_written_out() -> None:
    assert breach(Guard(complaints=0.00001), 100_000, 1, 0) == (
        "complaints reached 0.001 % (limit 0.001 %) of 100,000 sends"
    )
