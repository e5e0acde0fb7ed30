"""Whether the machinery behind campaigns runs, told from its signs of life."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from clarion.domain.model import Model
from clarion.domain.sending_rules import ChannelType

TICK_MISSED = timedelta(minutes=3)
"""The scheduler runs every minute."""
OVERDUE = timedelta(minutes=5)
"""Due work is begun by the next tick."""
COUNTED_LATE = timedelta(minutes=5)
"""Events are counted within seconds."""
RECENT = timedelta(minutes=2)
"""How long an aggregator's sign tells of the present: a worker that counts leaves one every ten seconds."""


class SchedulerHealth(Model):
    """``last_tick_at`` is null where it never ran."""

    last_tick_at: datetime | None
    age_seconds: int | None
    healthy: bool


class DueBacklog(Model):
    """Work whose time has come and that nobody has begun; with ``at_least`` there is more than was counted."""

    items: int
    at_least: bool
    oldest_seconds: int | None


class QueueHealth(Model):
    """Messages, as SQS estimates them; null where it did not answer. ``oldest_seconds`` is CloudWatch's, minutes late,
    and null for an empty queue and where nobody knows."""

    waiting: int | None
    in_flight: int | None
    delayed: int | None
    oldest_seconds: int | None


class ChannelHealth(Model):
    """The organisation's last message by a channel, to about 15 seconds; null where there is none. ``development``
    tells that the deployment's own channel reaches nobody: only what leaves by a connected platform does."""

    last_sent_at: datetime | None
    development: bool


class CounterHealth(Model):
    """``last_event_at``: when the newest counted event arrived; ``lag_seconds``: how much later it was counted;
    ``waiting_seconds``: how long the oldest uncounted event has waited, null where none waits or nobody knows."""

    last_event_at: datetime | None
    lag_seconds: int | None
    waiting_seconds: int | None


class Health(Model):
    """``reasons`` says in words what is wrong: nothing where ``status`` is ok. Channels are the organisation's own, the
    rest is the whole deployment's."""

    status: Literal["ok", "degraded"]
    checked_at: datetime
    scheduler: SchedulerHealth
    due_backlog: DueBacklog
    queues: dict[str, QueueHealth]
    dead_letters: dict[str, int | None]
    channels: dict[ChannelType, ChannelHealth]
    counters: CounterHealth
    reasons: list[str]


@dataclass(frozen=True)
class Overdue:
    """``items`` entries of the due index, of which there may be more (``at_least``), the oldest due ``since``."""

    items: int
    at_least: bool
    since: datetime | None


@dataclass(frozen=True)
class Depth:
    """Messages of a queue."""

    waiting: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True)
class Counted:
    """The newest event counted arrived at ``event_at`` and was counted at ``at``."""

    event_at: datetime
    at: datetime


@dataclass(frozen=True)
class Observed:
    """What was read; a queue that could not be read is None, an age that nobody knows is absent or None (seconds).

    ``development`` are the channels by which the deployment reaches nobody.
    """

    last_tick_at: datetime | None
    overdue: Overdue
    queues: Mapping[str, Depth | None]
    oldest: Mapping[str, int]
    dead_letters: Mapping[str, Depth | None]
    last_sent: Mapping[str, datetime]
    counted: Counted | None
    waiting_to_be_counted: int | None
    development: frozenset[str] = frozenset()


def assess(seen: Observed, now: datetime) -> Health:
    """The report on what was seen, and what is wrong with it."""
    age = _seconds(now, seen.last_tick_at)
    counted = seen.counted
    reasons = list(_reasons(seen, now))
    return Health(
        status="degraded" if reasons else "ok",
        checked_at=now,
        scheduler=SchedulerHealth(last_tick_at=seen.last_tick_at, age_seconds=age, healthy=_ticks(seen, now)),
        due_backlog=DueBacklog(
            items=seen.overdue.items, at_least=seen.overdue.at_least, oldest_seconds=_seconds(now, seen.overdue.since)
        ),
        queues={name: _queue(depth, seen.oldest.get(name)) for name, depth in seen.queues.items()},
        dead_letters={name: depth.total if depth else None for name, depth in seen.dead_letters.items()},
        channels={
            each: ChannelHealth(last_sent_at=seen.last_sent.get(each), development=each in seen.development)
            for each in get_args(ChannelType)
        },
        counters=CounterHealth(
            last_event_at=counted.event_at if counted else None,
            lag_seconds=_seconds(counted.at, counted.event_at) if counted else None,
            waiting_seconds=seen.waiting_to_be_counted,
        ),
        reasons=reasons,
    )


def _reasons(seen: Observed, now: datetime) -> Iterator[str]:
    if seen.last_tick_at is None:
        yield "the scheduler has never run"
    elif not _ticks(seen, now):
        yield f"the scheduler has not run for {_words(now - seen.last_tick_at)}"
    if seen.overdue.since is not None and now - seen.overdue.since > OVERDUE:
        yield f"work that is due has waited for {_words(now - seen.overdue.since)}"
    for name, depth in seen.queues.items():
        if depth is None:
            yield f"the queue {name} cannot be read"
    for name, depth in seen.dead_letters.items():
        if depth is None:
            yield f"the dead-letter queue {name} cannot be read"
        elif depth.total:
            yield f"the dead-letter queue {name} holds {_count(depth.total, 'message')}"
    counted = seen.counted
    if counted and now - counted.at <= RECENT and counted.at - counted.event_at > COUNTED_LATE:
        yield f"events are counted {_words(counted.at - counted.event_at)} late"
    waiting = timedelta(seconds=seen.waiting_to_be_counted or 0)
    if waiting > COUNTED_LATE:
        yield f"events have waited for {_words(waiting)} to be counted"


def _ticks(seen: Observed, now: datetime) -> bool:
    return seen.last_tick_at is not None and now - seen.last_tick_at <= TICK_MISSED


def _queue(depth: Depth | None, oldest: int | None) -> QueueHealth:
    if depth is None:
        return QueueHealth(waiting=None, in_flight=None, delayed=None, oldest_seconds=oldest)
    return QueueHealth(waiting=depth.waiting, in_flight=depth.in_flight, delayed=depth.delayed, oldest_seconds=oldest)


def _seconds(later: datetime, earlier: datetime | None) -> int | None:
    """Between two clocks, so never below nothing."""
    return None if earlier is None else max(0, int((later - earlier).total_seconds()))


def _words(age: timedelta) -> str:
    """``7 minutes``, ``2 hours``: the largest whole unit of which there are two, so that nothing is overstated."""
    minutes = int(age.total_seconds()) // 60
    if minutes >= 48 * 60:
        return _count(minutes // (24 * 60), "day")
    if minutes >= 120:
        return _count(minutes // 60, "hour")
    return _count(minutes, "minute")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
