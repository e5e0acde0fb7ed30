"""How long a worker goes by the rules it read."""

from datetime import UTC, datetime, timedelta

import pytest

from clarion.domain.sending_rules import SendingRules
from clarion.services.sending_rules import CachedRules

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


class RulesInMemory:
    """Everybody's zone, and who was asked for."""

    def __init__(self) -> None:
        self.timezone, self.asked = "UTC", list[str]()

    def get(self, org_id: str) -> SendingRules:
        self.asked.append(org_id)
        return SendingRules(timezone=self.timezone)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def after(self, seconds: float) -> None:
        self.now = START + timedelta(seconds=seconds)


@pytest.fixture
def source() -> RulesInMemory:
    return RulesInMemory()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cached(source: RulesInMemory, clock: Clock) -> CachedRules:
    return CachedRules(source, clock)


def test_a_worker_reads_the_rules_once_in_half_a_minute(
    cached: CachedRules, source: RulesInMemory, clock: Clock
) -> None:
    cached.get("acme")
    clock.after(29.9)
    cached.get("acme")
    assert source.asked == ["acme"]


def test_a_change_holds_half_a_minute_later(cached: CachedRules, source: RulesInMemory, clock: Clock) -> None:
    assert cached.get("acme").timezone == "UTC"
    source.timezone = "Asia/Tokyo"
    assert cached.get("acme").timezone == "UTC"
    clock.after(30)
    assert cached.get("acme").timezone == "Asia/Tokyo"


def test_each_organisation_is_asked_for_by_itself(cached: CachedRules, source: RulesInMemory, clock: Clock) -> None:
    cached.get("acme")
    clock.after(20)
    cached.get("globex")
    clock.after(40)
    cached.get("globex")
    cached.get("acme")
    assert source.asked == ["acme", "globex", "acme"]


def test_rules_nobody_asked_for_lately_are_forgotten(cached: CachedRules, clock: Clock) -> None:
    for number in range(100):
        clock.after(number)
        cached.get(f"organisation {number}")
    assert len(cached._known) == 30
