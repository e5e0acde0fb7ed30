"""When the deployment counts as degraded, and in what words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clarion.domain.health import Counted, Depth, Health, Observed, Overdue, assess

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
EMPTY = Depth(0, 0, 0)
WELL = Observed(
    last_tick_at=NOW - timedelta(seconds=40),
    overdue=Overdue(0, at_least=False, since=None),
    queues={"plan": EMPTY, "send": EMPTY},
    oldest={},
    dead_letters={"plan": EMPTY, "send": EMPTY},
    last_sent={},
    counted=None,
    waiting_to_be_counted=None,
)


def ago(**age: float) -> datetime:
    return NOW - timedelta(**age)


def seen(**changes: object) -> Health:
    return assess(replace(WELL, **changes), NOW)  # type: ignore[arg-type]


def test_an_idle_deployment_is_well() -> None:
    health = assess(WELL, NOW)
    assert (health.status, health.reasons) == ("ok", [])
    assert health.checked_at == NOW
    assert (health.scheduler.age_seconds, health.scheduler.healthy) == (40, True)
    assert health.due_backlog.oldest_seconds is None
    assert health.counters.last_event_at is None


def test_a_busy_deployment_is_well() -> None:
    health = seen(
        overdue=Overdue(8_000, at_least=True, since=ago(minutes=4)),
        queues={"plan": Depth(1, 2, 3), "send": Depth(100_000, 500, 0)},
        oldest={"send": 4_000},
        last_sent={"email": ago(seconds=5)},
        counted=Counted(ago(minutes=2), ago(seconds=3)),
        waiting_to_be_counted=200,
    )
    assert health.reasons == []
    assert (health.due_backlog.items, health.due_backlog.at_least, health.due_backlog.oldest_seconds) == (
        8000,
        True,
        240,
    )
    plan, send = health.queues["plan"], health.queues["send"]
    assert (plan.waiting, plan.in_flight, plan.delayed, plan.oldest_seconds) == (1, 2, 3, None)
    assert (send.waiting, send.oldest_seconds) == (100_000, 4_000)
    assert (health.counters.lag_seconds, health.counters.waiting_seconds) == (117, 200)


def test_every_channel_is_told_of_whether_it_ever_sent_or_not() -> None:
    health = seen(last_sent={"email": ago(seconds=5)})
    assert {name: channel.last_sent_at for name, channel in health.channels.items()} == {
        "email": ago(seconds=5),
        "sms": None,
        "social": None,
        "ads": None,
    }


@pytest.mark.parametrize(
    ("last_tick_at", "reasons"),
    [
        (ago(minutes=3), []),
        (ago(minutes=3, seconds=1), ["the scheduler has not run for 3 minutes"]),
        (ago(minutes=7, seconds=59), ["the scheduler has not run for 7 minutes"]),
        (ago(hours=5), ["the scheduler has not run for 5 hours"]),
        (ago(days=3), ["the scheduler has not run for 3 days"]),
        (None, ["the scheduler has never run"]),
    ],
)
def test_a_scheduler_that_misses_ticks_is_named(last_tick_at: datetime | None, reasons: list[str]) -> None:
    health = seen(last_tick_at=last_tick_at)
    assert health.reasons == reasons
    assert health.scheduler.healthy == (not reasons)
    assert health.status == ("degraded" if reasons else "ok")


def test_work_overdue_for_more_than_five_minutes_is_named() -> None:
    assert seen(overdue=Overdue(1, at_least=False, since=ago(minutes=5))).reasons == []
    late = seen(overdue=Overdue(1, at_least=False, since=ago(minutes=6)))
    assert late.reasons == ["work that is due has waited for 6 minutes"]


def test_dead_letters_are_named_whether_they_wait_or_are_being_looked_at() -> None:
    health = seen(dead_letters={"plan": Depth(1, 0, 0), "send": Depth(1_000, 200, 34), "import": EMPTY})
    assert health.dead_letters == {"plan": 1, "send": 1_234, "import": 0}
    assert health.reasons == [
        "the dead-letter queue plan holds 1 message",
        "the dead-letter queue send holds 1,234 messages",
    ]


def test_a_queue_that_does_not_answer_is_unknown_and_named() -> None:
    health = seen(queues={"plan": None}, dead_letters={"send": None})
    assert health.queues["plan"].waiting is None
    assert health.dead_letters == {"send": None}
    assert health.reasons == ["the queue plan cannot be read", "the dead-letter queue send cannot be read"]


def test_events_counted_late_are_named_while_that_is_news() -> None:
    assert seen(counted=Counted(ago(minutes=5), ago(seconds=30))).reasons == []
    assert seen(counted=Counted(ago(minutes=8), ago(seconds=30))).reasons == ["events are counted 7 minutes late"]
    caught_up = seen(counted=Counted(ago(minutes=20), ago(minutes=3)))
    assert caught_up.reasons == []
    assert caught_up.counters.lag_seconds == 17 * 60


def test_events_that_wait_for_more_than_five_minutes_are_named() -> None:
    assert seen(waiting_to_be_counted=300).reasons == []
    assert seen(waiting_to_be_counted=7_300).reasons == ["events have waited for 2 hours to be counted"]


def test_a_clock_ahead_of_ours_makes_no_age_below_nothing() -> None:
    health = seen(last_tick_at=ago(seconds=-2), counted=Counted(ago(seconds=1), ago(seconds=2)))
    assert (health.scheduler.age_seconds, health.counters.lag_seconds) == (0, 0)
    assert health.status == "ok"
