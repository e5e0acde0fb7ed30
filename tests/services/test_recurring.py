"""Campaigns that start again and again: each occurrence one run, whatever clocks and ticks do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.errors import RuleBroken
from clarion.domain.outcomes import Rejected
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.timeline import Timeline, few_shards

DAY = timedelta(days=1)
BERLIN_SUMMERS = [("2027-03-28", "2027-10-31"), ("2028-03-26", "2028-10-29")]


@pytest.fixture(autouse=True)
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


def recurring(cron: str, start: str, **details: Any) -> Timeline:
    """A timeline from ``start`` with two contacts and a scheduled campaign; ``zone`` and ``end`` of its schedule."""
    timeline = Timeline(start)
    timeline.people(2)
    schedule = {"timezone": details.pop("zone", "UTC"), "endAt": details.pop("end", None)}
    timeline.create(type="recurring", recurring={"cron": cron}, schedule=schedule, **details)
    return timeline


def test_two_years_of_weeks_are_a_run_each_at_the_same_hour_by_the_clock() -> None:
    timeline = recurring("30 8 * * MON", "2026-11-21T09:00:00Z", zone="Europe/Berlin")
    timeline.until("2028-11-20T12:00:00Z")
    campaign = timeline.named()
    assert (campaign.run, campaign.missed, campaign.live, campaign.status) == (105, 0, (), Status.RUNNING)
    mondays = [f"{datetime(2026, 11, 23, tzinfo=UTC) + timedelta(weeks=n):%Y-%m-%d}" for n in range(105)]
    summer = {day for day in mondays if any(first <= day < end for first, end in BERLIN_SUMMERS)}
    assert timeline.times() == [f"{day}T{'06' if day in summer else '07'}:30" for day in mondays]
    assert list(map(len, timeline.runs_by_minute().values())) == [1] * 105
    assert len(timeline.letters) == 2 * 105
    timeline.check()


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("30 2 * * *", "2027-03-27", ["2027-03-27T01:30", "2027-03-28T01:00", "2027-03-29T00:30"]),
        ("0 2 * * *", "2027-03-27", ["2027-03-27T01:00", "2027-03-28T01:00", "2027-03-29T00:00"]),
        ("30 2 * * *", "2026-10-24", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
        ("59 2 * * *", "2026-10-24", ["2026-10-24T00:59", "2026-10-25T00:59", "2026-10-26T01:59"]),
    ],
)
def test_minute_by_minute_over_a_clock_change_every_day_has_one_run(cron: str, day: str, expected: list[str]) -> None:
    timeline = recurring(cron, f"{day}T00:00:00Z", zone="Europe/Berlin")
    for n in range(3):
        timeline.clock.time = datetime.fromisoformat(f"{day}T00:00:00Z") + n * DAY - timedelta(minutes=1)
        timeline.minutes(150)
    assert timeline.times() == expected
    assert (timeline.named().run, len(timeline.letters)) == (3, 6)


def test_every_half_hour_follows_the_clock_through_a_repeated_hour() -> None:
    timeline = recurring("*/30 * * * *", "2026-10-24T23:45:00Z", zone="Europe/Berlin")
    timeline.minutes(150)
    assert timeline.times() == [f"2026-10-25T{at}" for at in ("00:00", "00:30", "01:00", "01:30", "02:00")]
    assert timeline.named().run == 5


def test_ticks_that_come_twice_or_stand_still_start_nothing_again() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:59:00Z")
    timeline.clock.go_on(minutes=1)
    for _ in range(5):
        timeline.tick()
    timeline.settle()
    timeline.tick()
    assert (timeline.named().run, len(timeline.letters)) == (1, 2)


def test_of_missed_occurrences_the_latest_runs_and_the_others_are_counted() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z")
    timeline.until("2026-11-21T10:00:00Z")
    timeline.clock.time += 5 * DAY
    timeline.tick()
    timeline.settle()
    campaign = timeline.named()
    assert (campaign.run, campaign.missed, len(timeline.letters)) == (2, 4, 4)
    assert campaign.next_at == datetime(2026, 11, 27, 9, tzinfo=UTC)
    timeline.check()


def test_an_occurrence_found_too_late_expires_and_is_counted() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", expireAfter="PT2H")
    timeline.clock.time += timedelta(hours=3, minutes=1)
    assert timeline.tick()["expired"] == 1
    waiting = timeline.named()
    assert (waiting.run, waiting.missed, waiting.status) == (0, 1, Status.SCHEDULED)
    timeline.clock.time += 3 * DAY - timedelta(minutes=1)
    assert timeline.tick()["started"] == 1
    timeline.settle()
    assert (timeline.named().run, timeline.named().missed) == (1, 3)
    assert timeline.times() == ["2026-11-24T11:00"]


def test_a_campaign_ends_with_its_last_occurrence_before_the_end() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-24T09:00:00Z")
    timeline.until("2026-11-23T08:59:00Z")
    assert timeline.named().status == Status.RUNNING
    timeline.until("2026-11-23T09:00:00Z")
    assert timeline.named().status == Status.COMPLETED
    timeline.until("2026-11-30T00:00:00Z")
    assert timeline.times() == [f"2026-11-{day}T09:00" for day in (21, 22, 23)]
    timeline.check()


def test_a_campaign_whose_last_occurrence_expired_has_ended_too() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-22T09:00:00Z", expireAfter="PT1H")
    timeline.clock.time += 3 * DAY
    timeline.tick()
    campaign = timeline.named()
    assert (campaign.status, campaign.run, campaign.missed) == (Status.COMPLETED, 0, 1)


def test_occurrences_that_no_tick_saw_before_the_end_are_missed_and_it_completes() -> None:
    for before in ("2026-11-21T08:30:00Z", "2026-11-21T10:00:00Z"):
        timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-24T00:00:00Z")
        timeline.until(before)
        timeline.clock.time += 5 * DAY
        timeline.tick()
        campaign = timeline.named()
        assert campaign.status == Status.COMPLETED
        assert campaign.run + campaign.missed == 3
        assert len(timeline.letters) == 2 * campaign.run


def test_what_came_while_it_was_paused_is_not_made_up_for() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z")
    timeline.until("2026-11-21T10:00:00Z")
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-24T10:00:00Z")
    assert len(timeline.letters) == 2
    timeline.move(Status.RUNNING)
    timeline.until("2026-11-25T10:00:00Z")
    assert timeline.times() == ["2026-11-21T09:00", "2026-11-25T09:00"]
    assert timeline.named().missed == 0


def test_resumed_after_its_end_it_completes() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-24T00:00:00Z")
    timeline.until("2026-11-21T10:00:00Z")
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-25T10:00:00Z")
    assert timeline.move(Status.RUNNING).status == Status.COMPLETED
    assert timeline.times() == ["2026-11-21T09:00"]


def test_a_run_that_waits_goes_on_beside_the_next_ones() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", sendWindow={"days": ["mon"]})  # a Saturday
    timeline.until("2026-11-22T12:00:00Z")
    assert timeline.named().live == (1, 2)
    assert timeline.letters == []
    timeline.until("2026-11-23T12:00:00Z")
    assert timeline.named().live == ()
    assert {at: len(runs) for at, runs in timeline.runs_by_minute().items()} == {
        "2026-11-23T00:00": 2,
        "2026-11-23T09:00": 1,
    }
    timeline.check()


def test_runs_that_still_wait_at_the_end_are_counted_as_such() -> None:
    window = {"days": ["mon"]}
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-22T20:00:00Z", sendWindow=window)
    assert timeline.finish().status == Status.COMPLETED
    assert [timeline.progress(run).outcomes for run in (1, 2)] == [{"skipped.outside_window": 2}] * 2
    assert timeline.letters == []


def test_each_run_has_those_who_belong_to_the_audience_then() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z")
    timeline.until("2026-11-21T10:00:00Z")
    timeline.contacts.add("01J99999999999999999999999", timeline.clock(), email="new@example.com")
    timeline.until("2026-11-22T10:00:00Z")
    assert [timeline.progress(run).audience for run in (1, 2)] == [2, 3]


def test_one_flawed_run_flaws_the_campaigns_end() -> None:
    timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z", end="2026-11-23T00:00:00Z")
    timeline.vendor.answers = {"p0@example.com": [Rejected("MessageRejected", "no")]}
    assert timeline.finish().status == Status.COMPLETED_WITH_FAILURES
    assert [timeline.progress(run).outcomes for run in (1, 2)] == [{"sent": 1, "rejected": 1}, {"sent": 2}]


def test_cancelled_or_deleted_it_never_starts_again() -> None:
    ends: list[Callable[[Timeline], object]] = [
        lambda timeline: timeline.move(Status.CANCELLED),
        lambda timeline: timeline.service.delete(ORG, CAMPAIGN),
    ]
    for end in ends:
        timeline = recurring("0 9 * * *", "2026-11-21T08:00:00Z")
        timeline.until("2026-11-21T10:00:00Z")
        end(timeline)
        timeline.until("2026-12-24T10:00:00Z")
        assert timeline.times() == ["2026-11-21T09:00"]
        assert timeline.next_at() is None


def test_what_would_never_run_is_refused() -> None:
    with pytest.raises(RuleBroken, match="never run"):
        recurring("0 9 * * *", "2026-11-21T10:00:00Z", end="2026-11-22T09:00:00Z")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_tick_killed_at_any_write_starts_each_occurrence_once(after: bool) -> None:
    for kill_at in range(1, 12):
        timeline = recurring("0 9 * * *", "2026-11-21T08:58:00Z", end="2026-11-23T00:00:00Z")
        timeline.minutes(1)
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        assert timeline.finish().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), f"killed at {kill_at}"
        assert timeline.named().run == 2, f"killed at {kill_at}"
        timeline.check()
