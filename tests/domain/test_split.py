"""Splits for A/B tests: stable, even, independent; and who wins."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from clarion.domain.analytics import Figures
from clarion.domain.experiment import Experiment, Metric, Variant
from clarion.domain.split import WINNER, arm_of, held_out, winner_of

CONTACTS = [f"01JC{n:022d}" for n in range(100_000)]
TENTHS = {"b": 10, "a": 10}


def experiment(shares: Mapping[str, float] = TENTHS, metric: Metric = "unique_clicks") -> Experiment:
    variants = tuple(Variant(id=name, share=share) for name, share in shares.items())
    return Experiment(variants=variants, metric=metric)


def figures(**metrics: Any) -> Figures:
    return Figures({name: Decimal(amount) for name, amount in metrics.items()})


def chi_square(counts: Counter[str], percent: dict[str, float]) -> float:
    whole = counts.total()
    return sum((counts[arm] - whole * p / 100) ** 2 / (whole * p / 100) for arm, p in percent.items())


def test_draws_are_the_same_for_ever() -> None:
    """A change here would draw the rest of a running campaign anew."""
    test = experiment({"a": 30, "b": 30})
    contacts = CONTACTS[:24]
    assert "".join("x" if held_out("k", c, 40) else "." for c in contacts) == "....x.xx.xx.x.x.x...x.x."
    assert "".join(arm_of("k", 1, c, test)[0] for c in contacts) == "wwwabbwwwwwwwbwwawaaaaba"


@pytest.mark.parametrize("percent", [0.01, 0.5, 10, 50, 99.99])
def test_as_many_are_held_out_as_asked(percent: float) -> None:
    held = Counter("out" if held_out("k", contact, percent) else "in" for contact in CONTACTS)
    assert chi_square(held, {"out": percent, "in": 100 - percent}) < 10.8  # p = 0.001 with one degree of freedom


def test_nobody_or_everybody_can_be_held_out() -> None:
    assert not any(held_out("k", contact, 0) for contact in CONTACTS)
    assert all(held_out("k", contact, 100) for contact in CONTACTS)


def test_holding_out_more_only_adds_contacts() -> None:
    few = {contact for contact in CONTACTS if held_out("k", contact, 5)}
    assert few < {contact for contact in CONTACTS if held_out("k", contact, 6)}


def test_another_campaign_holds_others_out() -> None:
    both = sum(held_out("k", contact, 50) and held_out("j", contact, 50) for contact in CONTACTS)
    assert both / len(CONTACTS) == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize(
    "shares",
    [{"a": 10, "b": 10, WINNER: 80}, {"a": 0.5, "b": 33.3, "c": 1, WINNER: 65.2}, {"a": 70, "b": 30}],
)
def test_arms_get_their_shares_and_the_winner_whoever_is_left(shares: dict[str, float]) -> None:
    test = experiment({arm: share for arm, share in shares.items() if arm != WINNER})
    arms = Counter(arm_of("k", 1, contact, test) for contact in CONTACTS)
    assert set(arms) == set(shares)
    assert chi_square(arms, shares) < 16.3  # p = 0.001 with three degrees of freedom


def test_arms_are_as_even_among_those_not_held_out() -> None:
    test = experiment({"a": 25, "b": 25})
    arms = Counter(arm_of("k", 1, contact, test) for contact in CONTACTS if not held_out("k", contact, 20))
    assert chi_square(arms, {"a": 25, "b": 25, WINNER: 50}) < 13.8  # p = 0.001 with two degrees of freedom


def test_every_run_draws_anew() -> None:
    test = experiment({"a": 50, "b": 50})
    alike = sum(arm_of("k", 1, contact, test) == arm_of("k", 2, contact, test) for contact in CONTACTS)
    assert alike / len(CONTACTS) == pytest.approx(0.5, abs=0.005)


def test_shares_that_miss_a_hundred_by_rounding_leave_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.domain.split._percentile", lambda *_: 99.9999999)
    assert arm_of("k", 1, "ann", experiment(dict.fromkeys("abc", 33.333333))) == "c"
    assert arm_of("k", 1, "ann", experiment(dict.fromkeys("abc", 33.33))) == WINNER


@pytest.mark.parametrize("metric", ["unique_opens", "unique_clicks"])
def test_the_higher_rate_wins_not_the_higher_count(metric: Metric) -> None:
    few, many = figures(sends=100, **{metric: 9}), figures(sends=1000, **{metric: 80})
    assert winner_of(experiment(metric=metric), {"a": few, "b": many}) == "a"


def test_bounces_are_not_held_against_a_variant() -> None:
    bounced = figures(sends=100, bounces_hard=40, bounces_soft=10, unique_clicks=9)
    assert winner_of(experiment(), {"b": figures(sends=100, unique_clicks=17), "a": bounced}) == "a"


def test_conversions_count_once_a_message() -> None:
    eager, many = figures(sends=10, conversions=9, unique_conversions=1), figures(sends=10, unique_conversions=2)
    assert winner_of(experiment(metric="conversions"), {"b": eager, "a": many}) == "a"


def test_revenue_is_taken_per_send() -> None:
    rich = figures(sends=1000, **{"revenue.EUR": "500.01", "unique_conversions": 1})
    poor = figures(sends=2000, **{"revenue.EUR": "1000.00", "unique_conversions": 50})
    assert winner_of(experiment(metric="revenue"), {"b": poor, "a": rich}) == "a"


def test_revenue_in_several_currencies_leaves_it_to_conversions() -> None:
    yen = figures(sends=100, **{"revenue.JPY": 90_000, "unique_conversions": 3})
    euros = figures(sends=100, **{"revenue.EUR": 800, "unique_conversions": 4})
    assert winner_of(experiment(metric="revenue"), {"b": yen, "a": euros}) == "a"


def test_a_tie_goes_to_the_variant_listed_first() -> None:
    third = figures(sends=300, unique_clicks=100)
    assert winner_of(experiment(), {"a": third, "b": figures(sends=3, unique_clicks=1)}) == "b"


@pytest.mark.parametrize("metric", ["unique_opens", "unique_clicks", "conversions", "revenue"])
def test_without_data_the_variant_listed_first_wins(metric: Metric) -> None:
    assert winner_of(experiment(metric=metric), {}) == "b"


def test_a_variant_without_sends_counts_as_nothing() -> None:
    strays = figures(sends=0, unique_clicks=5)
    assert winner_of(experiment(), {"b": strays, "a": figures(sends=100, unique_clicks=1)}) == "a"
