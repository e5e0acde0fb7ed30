"""A drip: everybody in at the launch, each step after its delay, and an end; whoever dies in between."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.outcomes import Rejected, Retry
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.timeline import Timeline, few_shards

START, END = "2026-11-23T09:00:00Z", "2026-12-23T09:00:00Z"
STEPS = [
    {"id": "welcome", "templateId": "t1"},
    {"id": "tips", "templateId": "t2", "delay": "PT10M"},
    {"id": "offer", "templateId": "t3", "delay": "P3D"},
]


@pytest.fixture(autouse=True)
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


def drip(people: int = 5, max_batch: int = 50, end: str | None = END, **details: Any) -> Timeline:
    timeline = Timeline(START, max_batch)
    timeline.people(people)
    schedule = {"endAt": end} if end else None
    journey = {"type": "drip", "templateId": None, "steps": STEPS, "schedule": schedule, **details}
    timeline.create(Status.RUNNING, **journey)
    timeline.settle()
    return timeline


def times_by_step(timeline: Timeline) -> dict[str, list[str]]:
    found = defaultdict[str, set[str]](set)
    for letter in timeline.letters:
        found[letter.step].add(f"{letter.at:%d %H:%M}")
    return {step: sorted(times) for step, times in found.items()}


def test_each_step_comes_its_delay_after_the_one_before() -> None:
    timeline = drip()
    timeline.until("2026-11-30T00:00:00Z")
    assert times_by_step(timeline) == {"welcome": ["23 09:00"], "tips": ["23 09:10"], "offer": ["26 09:10"]}
    assert timeline.progress().outcomes == {"sent": 15}
    assert timeline.progress().audience == 15
    timeline.check()


def test_it_stays_open_until_its_end_and_completes_then() -> None:
    timeline = drip()
    timeline.until("2026-12-23T08:59:00Z")
    assert timeline.named().status == Status.RUNNING
    timeline.until(END)
    timeline.minutes(1)
    assert timeline.named().status == Status.COMPLETED
    assert not timeline.runs.get(timeline.run_id).open


def test_without_an_end_it_goes_on_until_it_is_cancelled() -> None:
    timeline = drip(end=None)
    timeline.until("2027-11-23T09:00:00Z")
    assert timeline.named().status == Status.RUNNING
    timeline.move(Status.CANCELLED)
    assert timeline.next_at() is None


def test_a_step_that_would_come_after_the_end_is_not_begun() -> None:
    timeline = drip(end="2026-11-25T09:00:00Z")
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 10}
    assert timeline.named().status == Status.COMPLETED


def test_what_waits_at_the_end_is_counted_as_expired() -> None:
    window = {"days": ["sun"]}
    timeline = drip(end="2026-11-25T09:00:00Z", steps=[STEPS[0], {**STEPS[1], "sendWindow": window}])
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 5, "skipped.outside_window": 5}
    timeline.check()


def test_a_mishap_ends_no_journey_but_a_refused_address_does() -> None:
    timeline = Timeline(START)
    timeline.people(2)
    timeline.people(1, attributes={"broken": True})
    timeline.vendor.answers = {"p0@example.com": [Rejected("MessageRejected", "no")]}
    timeline.create(Status.RUNNING, type="drip", templateId=None, steps=STEPS, schedule={"endAt": END})
    timeline.settle()
    (broken,) = (contact for contact in timeline.contacts.all.values() if contact["attributes"])
    broken["attributes"] = {}
    timeline.finish()
    steps = {c: [x.step for x in timeline.letters if x.contact == c] for c in timeline.contacts.all}
    assert sorted(steps.values()) == [[], ["tips", "offer"], ["welcome", "tips", "offer"]]
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
    timeline.check()


def test_a_retried_step_takes_nobody_on_twice() -> None:
    timeline = Timeline(START)
    timeline.people(3, attributes={"broken": True})
    timeline.people(3)
    timeline.create(Status.RUNNING, type="drip", templateId=None, steps=STEPS[:2], schedule={"endAt": END})
    timeline.settle()
    assert timeline.progress().outcomes == {"sent": 3, "render_failed": 3}
    for contact in timeline.contacts.all.values():
        contact["attributes"] = {}
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 12}
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_a_pause_delays_what_came_due_and_nothing_else() -> None:
    timeline = drip()
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-23T20:00:00Z")
    assert set(times_by_step(timeline)) == {"welcome"}
    timeline.move(Status.RUNNING)
    timeline.minutes(2)
    assert times_by_step(timeline)["tips"][0].startswith("23 20:0")
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 15}
    timeline.check()


def test_paused_over_its_end_it_ends_when_it_is_resumed() -> None:
    timeline = drip()
    timeline.move(Status.PAUSED)
    timeline.until("2027-01-10T00:00:00Z")
    timeline.move(Status.RUNNING)
    timeline.minutes(3)
    assert timeline.named().status == Status.COMPLETED
    assert timeline.progress().outcomes == {"sent": 5, "skipped.expired": 5}


def test_closed_paused_and_resumed_it_ends_though_its_last_run_was_quicker_than_the_tick() -> None:
    timeline = drip(end="2026-11-23T09:05:00Z", steps=[STEPS[0], {**STEPS[1], "delay": "PT4M"}])
    timeline.clock.time = timeline.clock().replace(minute=10)
    timeline.tick()  # closes it; the workers have yet to see that what waits is over
    timeline.move(Status.PAUSED)
    timeline.settle()
    timeline.move(Status.RUNNING)
    timeline.settle()
    timeline.minutes(2)
    assert timeline.named().status == Status.COMPLETED
    assert timeline.next_at() is None
    assert timeline.progress().outcomes == {"sent": 5, "skipped.expired": 5}


def test_what_the_vendor_postpones_moves_the_steps_after_it() -> None:
    timeline = Timeline(START)
    timeline.people(1)
    timeline.vendor.answers = {"p0@example.com": [Retry(600.0, "busy")]}
    timeline.create(Status.RUNNING, type="drip", templateId=None, steps=STEPS[:2], schedule={"endAt": END})
    timeline.until("2026-11-23T12:00:00Z")
    first, second = sorted(letter.at for letter in timeline.letters)
    assert (second - first).total_seconds() >= 600
    assert timeline.progress().outcomes == {"sent": 2}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("max_batch", [50, 1])
def test_workers_killed_at_any_write_skip_no_step_and_repeat_none(max_batch: int, after: bool) -> None:
    for kill_at in range(2, 30, 2):
        timeline = Timeline(START, max_batch)
        timeline.people(3)
        timeline.create(Status.RUNNING, type="drip", templateId=None, steps=STEPS, schedule={"endAt": END})
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 1, kill_at, after
        where = f"killed at {kill_at}"
        assert timeline.finish().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), where
        outcomes = timeline.progress().outcomes
        assert outcomes["sent"] + outcomes.get("unknown", 0) == timeline.progress().audience == 9, where
        assert outcomes.get("unknown", 0) <= max_batch, where
        timeline.check()
