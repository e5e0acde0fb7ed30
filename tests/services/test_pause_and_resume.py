"""Pausing, resuming, cancelling under load: nothing is lost or repeated, and what is called off stays off."""

import random
from typing import Any

import pytest

from clarion import keys
from clarion.domain.campaign import Status
from clarion.domain.outcomes import Accepted, Outcome, Stop
from clarion.domain.sending_rules import SendingRules
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.timeline import Timeline

START = "2026-11-23T09:00:00Z"


def under_way(people: int = 1500, seed: int = 1, **details: Any) -> Timeline:
    """A campaign in the middle of its delivery."""
    timeline = Timeline(START)
    timeline.people(people)
    timeline.create(Status.RUNNING, **details)
    for _ in range(20):
        timeline.shuffle(seed)
        timeline.step()
    return timeline


@pytest.mark.parametrize("seed", range(4))
def test_paused_and_resumed_again_and_again_with_messages_lost_everybody_gets_it_once(seed: int) -> None:
    timeline, chance = under_way(600, seed), random.Random(seed)
    for _ in range(6):
        timeline.move(Status.PAUSED)
        for _ in range(chance.randint(0, 4)):
            timeline.step()
        lost = chance.randint(0, len(timeline.queue.waiting))
        timeline.shuffle(chance.random().__hash__())
        for _ in range(lost):
            timeline.queue.waiting.pop()
        sent = len(timeline.letters)
        timeline.minutes(chance.randint(0, 10))
        assert len(timeline.letters) == sent
        timeline.move(Status.RUNNING)
        for _ in range(chance.randint(0, 12)):
            timeline.step()
        timeline.clock.go_on(seconds=chance.randint(0, 90))
        timeline.tick()
    assert timeline.finish().status == Status.COMPLETED
    assert timeline.progress().outcomes == {"sent": 600}
    assert len(timeline.letters) == 600
    timeline.check()


def test_what_was_planned_for_later_waits_through_a_pause_and_keeps_its_time() -> None:
    timeline = Timeline(START)
    timeline.people(4, timezone="Asia/Tokyo")
    timeline.create(Status.RUNNING, sendWindow={"from": "12:00", "to": "13:00"})
    timeline.settle()
    for _ in range(3):
        timeline.move(Status.PAUSED)
        timeline.minutes(7)
        timeline.move(Status.RUNNING)
        timeline.minutes(7)
    assert timeline.letters == []
    timeline.finish()
    assert timeline.times() == ["2026-11-24T03:00"]
    timeline.check()


def test_paused_over_its_window_it_waits_for_the_next_one() -> None:
    timeline = Timeline(START)
    timeline.people(4)
    timeline.create(Status.RUNNING, sendWindow={"from": "12:00", "to": "13:00"})
    timeline.settle()
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-23T15:00:00Z")
    timeline.move(Status.RUNNING)
    timeline.finish()
    assert timeline.times() == ["2026-11-24T12:00"]


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_called_off_nothing_that_was_due_or_queued_goes_out(how: str) -> None:
    timeline = under_way(sendWindow={"from": "09:00", "to": "09:30", "timezone": "campaign"})
    for n in range(3):
        timeline.contacts.add(f"01J9999999999999999999999{n}", timeline.clock(), email=f"x{n}@example.com")
    sent = len(timeline.letters)
    assert 0 < sent < 1500
    if how == "cancel":
        timeline.move(Status.CANCELLED)
    else:
        timeline.service.delete(ORG, CAMPAIGN)
    timeline.settle()
    timeline.minutes(10)
    timeline.until("2026-12-23T09:00:00Z")
    assert len(timeline.letters) == sent
    assert timeline.named().status == Status.CANCELLED
    assert timeline.next_at() is None
    assert not [key for key, item in timeline.table.items.items() if "due_sk" in item]


@pytest.mark.parametrize("how", ["cancel", "delete", "draft"])
def test_a_scheduled_start_that_is_called_off_never_comes(how: str) -> None:
    timeline = Timeline(START)
    timeline.people(3)
    timeline.create(schedule={"startAt": "2026-11-24T09:00:00Z"})
    assert timeline.next_at() is not None
    if how == "delete":
        timeline.service.delete(ORG, CAMPAIGN)
    else:
        timeline.move(Status.CANCELLED if how == "cancel" else Status.DRAFT)
    assert timeline.next_at() is None
    timeline.until("2026-11-30T09:00:00Z")
    assert timeline.letters == []


def test_a_paused_campaign_that_is_cancelled_stays_so() -> None:
    timeline = under_way()
    timeline.move(Status.PAUSED)
    sent = len(timeline.letters)
    timeline.move(Status.CANCELLED)
    timeline.settle()
    timeline.minutes(6)
    assert (len(timeline.letters), timeline.named().status) == (sent, Status.CANCELLED)


def test_all_runs_of_a_recurring_campaign_pause_and_go_on_together() -> None:
    timeline = Timeline("2026-11-21T08:59:00Z")  # a Saturday
    timeline.people(2)
    window, schedule = {"days": ["mon"]}, {"endAt": "2026-12-01T00:00:00Z"}
    timeline.create(type="recurring", recurring={"cron": "0 9 * * *"}, sendWindow=window, schedule=schedule)
    timeline.until("2026-11-22T10:00:00Z")
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-23T10:00:00Z")
    assert timeline.letters == []
    timeline.move(Status.RUNNING)
    timeline.minutes(3)
    assert {letter.run for letter in timeline.letters} == {1, 2}
    assert timeline.named().live == ()
    timeline.check()


def complained(timeline: Timeline, complaints: int) -> None:
    day = keys.day_counters(ORG, CAMPAIGN, f"{timeline.clock():%Y-%m-%d}", 0)
    timeline.table.update(day, add={"email.1.complaints": complaints})


def test_complaints_pause_it_and_resumed_it_is_judged_by_what_comes_after() -> None:
    timeline = Timeline(START)
    timeline.rules.rules = SendingRules.model_validate({"guard": {"minimumSends": 100, "complaints": 0.01}})
    timeline.people(1500)
    timeline.create(Status.RUNNING)
    while len(timeline.letters) < 400:
        timeline.step()
    complained(timeline, 7)
    timeline.clock.go_on(minutes=1)
    timeline.tick()
    paused = timeline.named()
    assert paused.status == Status.PAUSED
    assert paused.status_reason is not None
    assert paused.status_reason.startswith("complaints reached 1.")
    sent = len(timeline.letters)
    timeline.minutes(3)
    assert len(timeline.letters) == sent
    timeline.move(Status.RUNNING)
    assert timeline.named().status_reason is None
    while len(timeline.letters) < 1000:
        timeline.step()
    timeline.clock.go_on(minutes=1)
    timeline.tick()
    assert timeline.named().status == Status.RUNNING
    complained(timeline, 10)
    timeline.clock.go_on(minutes=1)
    timeline.tick()
    assert timeline.named().status == Status.PAUSED
    timeline.move(Status.RUNNING)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 1500}
    timeline.check()


def test_a_guard_that_is_off_pauses_nothing() -> None:
    timeline = Timeline(START)
    timeline.rules.rules = SendingRules.model_validate({"guard": {"enabled": False, "minimumSends": 1}})
    timeline.people(900)
    timeline.create(Status.RUNNING)
    while len(timeline.letters) < 200:
        timeline.step()
    complained(timeline, 200)
    timeline.minutes(2)
    assert timeline.finish().status == Status.COMPLETED


def test_an_account_at_fault_in_the_middle_pauses_and_nobody_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = under_way(900)
    accept = timeline.post.send

    def stopped(mails: Any) -> list[Outcome]:
        accepted = accept(mails[:1])
        assert isinstance(accepted[0], Accepted)
        return [*accepted, *[Stop("AccountSuspended", "suspended")] * (len(mails) - 1)]

    monkeypatch.setattr(timeline.post, "send", stopped)
    timeline.settle()
    assert timeline.named().status == Status.PAUSED
    monkeypatch.setattr(timeline.post, "send", accept)
    timeline.minutes(5)
    timeline.move(Status.RUNNING)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 900}
    timeline.check()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_workers_killed_at_any_write_after_a_resume_repeat_nobody(after: bool) -> None:
    for kill_at in range(2, 60, 3):
        timeline = Timeline(START, max_batch=3)
        timeline.people(12)
        timeline.create(Status.RUNNING)
        for _ in range(18):
            timeline.step()
        timeline.move(Status.PAUSED)
        timeline.settle()
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        timeline.move(Status.RUNNING)
        assert timeline.finish().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), f"killed at {kill_at}"
        assert sum(timeline.progress().outcomes.values()) == 12, f"killed at {kill_at}"
        timeline.check()
