"""Whether a batch may go out now, has to wait, or is too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clarion.clock import moment
from clarion.domain.local_time import next_open
from clarion.domain.run import Batch, Run
from clarion.domain.sending_rules import QuietHours
from clarion.domain.split import WINNER

DECISION_PAUSE = timedelta(minutes=1)
"""How long a batch waits again for a winner that should be named by now."""


@dataclass(frozen=True)
class Go:
    """It may be sent now."""


@dataclass(frozen=True)
class Wait:
    """Not before ``until``."""

    until: datetime


@dataclass(frozen=True)
class Skip:
    """Never: ``reason`` is the outcome's, ``expired`` or ``outside_window``."""

    reason: str


def release(run: Run, batch: Batch, quiet_hours: Sequence[QuietHours], now: datetime) -> Go | Wait | Skip:
    """What the run's times, its windows and the organisation's quiet hours say about a batch at ``now``."""
    plan, due = run.plan, moment(batch.due_at)
    zone = ZoneInfo(batch.zone or plan.timezone)
    if batch.variant == WINNER:
        if not run.winner or run.decided_at is None:
            over = plan.end_at is not None and now >= plan.end_at
            return Skip("expired") if over else Wait(max(due, now + DECISION_PAUSE))
        due = plan.winner_due(batch.zone, run.winner, max(run.decided_at, due))
    if plan.expired(due, now):
        return Skip("expired")
    if now < due:
        return Wait(due)
    own = ZoneInfo(plan.timezone)
    windows = [window for window in (plan.send_window, run.step(batch.id).send_window) if window]
    quiet = [hours for hours in quiet_hours if run.channel in hours.channels]
    opening = next_open(now, zone, own, windows, quiet)
    if opening is not None and opening <= now:
        return Go()
    strict = [window for window in windows if window.otherwise == "skip"]
    if strict and next_open(now, zone, own, strict, []) != now:
        return Skip("outside_window")
    if opening is None or plan.expired(due, opening):
        return Skip("outside_window")
    return Wait(opening)
