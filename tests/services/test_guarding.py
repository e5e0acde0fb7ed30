"""Watching a running campaign, and not pausing it twice for the same complaints."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from clarion import keys
from clarion.domain.sending_rules import Guard
from clarion.services.guarding import GuardService
from clarion.storage.counters import CounterTable
from tests.fakes.table import TableInMemory

GUARD = Guard()
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def memory() -> TableInMemory:
    return TableInMemory()


@pytest.fixture
def service(memory: TableInMemory) -> GuardService:
    return GuardService(CounterTable(memory))


def count(memory: TableInMemory, day: int, metrics: dict[str, int], suffix: int = 0, org: str = "acme") -> None:
    memory.update(keys.day_counters(org, "k", f"2026-11-{day}", suffix), add=metrics)


def breach(service: GuardService, now: datetime = NOW) -> str | None:
    return service.breach("acme", "k", GUARD, now, None, {})[0]


def test_yesterday_and_today_are_added_up_over_channels_steps_and_variants(
    memory: TableInMemory, service: GuardService
) -> None:
    count(memory, 21, {"email.1.sends": 400, "email.1:a.complaints": 1})
    count(memory, 22, {"email.2:a.sends": 300, "sms.2:b.sends": 300, "email.2:b.bounces_hard": 3}, suffix=3)
    reason, judged = service.breach("acme", "k", GUARD, NOW, None, {})
    assert reason == "complaints reached 0.1 % (limit 0.1 %) of 1,000 sends"
    assert judged == {"sends": 1000, "complaints": 1, "bounces_hard": 3}


def test_what_is_older_is_forgiven(memory: TableInMemory, service: GuardService) -> None:
    count(memory, 20, {"email.1.complaints": 50})
    count(memory, 21, {"email.1.sends": 1000})
    assert breach(service) is None
    assert breach(service, NOW - timedelta(days=1)) is not None


def test_days_are_days_of_utc(memory: TableInMemory, service: GuardService) -> None:
    count(memory, 20, {"email.1.sends": 1000, "email.1.complaints": 50})
    evening_of_21 = datetime(2026, 11, 22, 5, 0, tzinfo=timezone(timedelta(hours=13)))
    assert breach(service, evening_of_21) is not None


def test_another_organisation_s_complaints_do_not_pause(memory: TableInMemory, service: GuardService) -> None:
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 50}, org="globex")
    assert breach(service) is None


def test_a_campaign_resumed_is_not_paused_again_for_the_same_complaints(
    memory: TableInMemory, service: GuardService
) -> None:
    count(memory, 21, {"email.1.sends": 1000, "email.1.complaints": 9})
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 9})
    assert breach(service) is not None
    baseline = service.baseline("acme", "k", NOW)
    assert baseline == {"sends": 1000, "complaints": 9, "bounces_hard": 0}
    later = NOW + timedelta(hours=2)
    count(memory, 22, {"email.1.sends": 2000, "email.1.complaints": 1})
    reason, judged = service.breach("acme", "k", GUARD, later, NOW, baseline)
    assert reason is None
    assert judged == {"sends": 2000, "complaints": 1, "bounces_hard": 0}


def test_a_campaign_resumed_is_paused_again_for_new_complaints(memory: TableInMemory, service: GuardService) -> None:
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 9})
    baseline = service.baseline("acme", "k", NOW)
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 1})
    reason, _ = service.breach("acme", "k", GUARD, NOW + timedelta(minutes=5), NOW, baseline)
    assert reason == "complaints reached 0.1 % (limit 0.1 %) of 1,000 sends"


def test_the_day_after_the_resume_still_leaves_out_what_was_before_it(
    memory: TableInMemory, service: GuardService
) -> None:
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 9})
    baseline = service.baseline("acme", "k", NOW)
    count(memory, 22, {"email.1.sends": 1000})
    count(memory, 23, {"email.1.sends": 1000, "email.1.complaints": 1})
    reason, judged = service.breach("acme", "k", GUARD, NOW + timedelta(days=1), NOW, baseline)
    assert (reason, judged["sends"]) == (None, 2000)


def test_once_the_day_of_the_resume_is_out_of_sight_nothing_is_taken_off(
    memory: TableInMemory, service: GuardService
) -> None:
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 9})
    baseline = service.baseline("acme", "k", NOW)
    count(memory, 24, {"email.1.sends": 900, "email.1.complaints": 5})
    _, judged = service.breach("acme", "k", GUARD, NOW + timedelta(days=2), NOW, baseline)
    assert judged == {"sends": 900, "complaints": 5, "bounces_hard": 0}


def test_a_count_that_shrank_since_the_resume_is_none_rather_than_below_none(
    memory: TableInMemory, service: GuardService
) -> None:
    count(memory, 22, {"email.1.sends": 1000, "email.1.complaints": 9})
    baseline = service.baseline("acme", "k", NOW)
    count(memory, 22, {"email.1.complaints": -1})
    assert service.breach("acme", "k", GUARD, NOW, NOW, baseline)[1] == dict.fromkeys(baseline, 0)


def test_a_campaign_that_counted_nothing_has_an_empty_baseline(service: GuardService) -> None:
    assert service.baseline("acme", "k", NOW) == {"sends": 0, "complaints": 0, "bounces_hard": 0}
