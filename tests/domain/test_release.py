"""Whether a batch may go out now, has to wait, or is too late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion.clock import stamp
from clarion.domain.audience import StaticMembers
from clarion.domain.campaign_details import Sender
from clarion.domain.release import DECISION_PAUSE, Go, Skip, Wait, release
from clarion.domain.run import Batch, BatchId, BatchState, Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.sending_rules import QuietHours
from clarion.domain.timing import SendWindow

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
NOBODY = StaticMembers(type="static", contact_ids=())
OFFICE = {"from": "09:00", "to": "17:00"}


def run(*, winner: str = "", decided_at: datetime | None = None, step: SendWindow | None = None, **plan: Any) -> Run:
    steps = (RunStep(id="1", contents={"": RunContent(digest="d")}, send_window=step),)
    frozen = RunPlan(
        definition=NOBODY, channel="email", steps=steps, sender=Sender(email="n@shop.example"), base=NOON, **plan
    )
    return Run(RunId("o", "c", 1), RunStatus.RUNNING, NOON, frozen, winner=winner, decided_at=decided_at)


def batch(due: datetime = NOON, zone: str = "UTC", variant: str = "") -> Batch:
    planned = BatchState.PLANNED
    return Batch(BatchId(RunId("o", "c", 1), 0, 0), planned, ("x",), stamp(due), zone=zone, variant=variant)


def quiet(**hours: Any) -> list[QuietHours]:
    return [QuietHours.model_validate(hours)]


def window(**fields: Any) -> SendWindow:
    return SendWindow.model_validate(OFFICE | fields)


def test_when_its_time_has_come_and_nothing_is_closed_it_goes() -> None:
    assert release(run(), batch(), [], NOON) == Go()


def test_before_its_time_it_waits_for_it() -> None:
    later = NOON + timedelta(hours=3)
    assert release(run(), batch(later), [], NOON) == Wait(later)


@pytest.mark.parametrize(("late", "verdict"), [(60, Go()), (60.001, Skip("expired"))])
def test_it_expires_just_after_the_time_it_is_given(late: float, verdict: object) -> None:
    assert release(run(expire_after=timedelta(minutes=1)), batch(), [], NOON + timedelta(seconds=late)) == verdict


def test_at_the_end_nothing_goes_any_more_though_its_time_is_later() -> None:
    ended = run(end_at=NOON)
    assert release(ended, batch(), [], NOON) == Skip("expired")
    assert release(ended, batch(NOON + timedelta(hours=1)), [], NOON) == Skip("expired")
    assert release(ended, batch(NOON - timedelta(hours=1)), [], NOON - timedelta(seconds=1)) == Go()


def test_it_waits_for_the_opening_in_its_own_zone() -> None:
    assert release(run(send_window=window()), batch(zone="Asia/Tokyo"), [], NOON) == Wait(NOON + timedelta(hours=12))
    by_campaign = run(send_window=window(timezone="campaign"))
    assert release(by_campaign, batch(zone="Asia/Tokyo"), [], NOON) == Go()


def test_a_steps_own_window_counts_with_that_of_the_campaign() -> None:
    both = run(send_window=window(), step=window(**{"from": "16:00", "to": "20:00"}))
    assert release(both, batch(), [], NOON) == Wait(NOON + timedelta(hours=4))


def test_a_strict_window_that_is_closed_skips_and_quiet_hours_alone_delay() -> None:
    strict = run(send_window=window(otherwise="skip"))
    assert release(strict, batch(zone="Asia/Tokyo"), [], NOON) == Skip("outside_window")
    assert release(strict, batch(), quiet(**{"from": "11:00", "to": "13:00"}), NOON) == Wait(NOON + timedelta(hours=1))
    other_channel = quiet(**{"from": "11:00", "to": "13:00", "channels": ["sms"]})
    assert release(strict, batch(), other_channel, NOON) == Go()


def test_an_opening_that_comes_too_late_or_never_skips() -> None:
    closed = batch(zone="Asia/Tokyo")
    ends = run(send_window=window(), end_at=NOON + timedelta(hours=12))
    assert release(ends, closed, [], NOON) == Skip("outside_window")
    expires = run(send_window=window(), expire_after=timedelta(hours=11))
    assert release(expires, closed, [], NOON) == Skip("outside_window")
    never = quiet(**{"from": "17:00", "to": "09:00"})
    assert release(run(send_window=window(**{"from": "18:00", "to": "19:00"})), batch(), never, NOON) == Skip(
        "outside_window"
    )


def test_whoever_waits_for_the_winner_waits_until_it_is_named_or_all_is_over() -> None:
    waiting = batch(NOON + timedelta(hours=1), variant="winner")
    undecided = run()
    assert release(undecided, waiting, [], NOON) == Wait(NOON + timedelta(hours=1))
    late = NOON + timedelta(hours=2)
    assert release(undecided, waiting, [], late) == Wait(late + DECISION_PAUSE)
    assert release(run(end_at=late), waiting, [], late) == Skip("expired")
    assert release(run(winner="a", decided_at=late), waiting, [], late) == Go()


def test_a_winner_that_was_named_late_expires_from_then_on() -> None:
    named = NOON + timedelta(hours=5)
    decided = run(winner="a", decided_at=named, expire_after=timedelta(hours=1))
    waiting = batch(NOON + timedelta(hours=1), variant="winner")
    assert release(decided, waiting, [], named + timedelta(hours=1)) == Go()
    assert release(decided, waiting, [], named + timedelta(hours=1, seconds=1)) == Skip("expired")
