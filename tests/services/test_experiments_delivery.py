"""A/B tests and hold-outs as they are delivered: each contact one variant, the rest the winner once, nobody twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.domain.campaign import Status
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.timeline import Timeline, few_shards


@pytest.fixture(autouse=True)
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


START = "2026-11-23T09:00:00Z"
HALF = {"variants": [{"id": "a", "share": 20}, {"id": "b", "share": 20, "subject": "Another"}], "decideAfter": "PT4H"}


def launched(people: int = 200, experiment: dict[str, Any] = HALF, **details: Any) -> Timeline:
    timeline = Timeline(START)
    timeline.people(people)
    timeline.create(Status.RUNNING, experiment=experiment, **details)
    timeline.settle()
    return timeline


def clicked(timeline: Timeline, variant: str, clicks: int) -> None:
    """So many people clicked in that variant."""
    day = keys.day_counters(ORG, CAMPAIGN, f"{timeline.clock():%Y-%m-%d}", 0)
    timeline.table.update(day, add={f"email.1:{variant}.unique_clicks": clicks})


def by_variant(timeline: Timeline) -> Counter[str]:
    return Counter(letter.variant for letter in timeline.letters)


def test_each_variant_goes_to_its_share_and_the_rest_waits() -> None:
    timeline = launched(600)
    sent = by_variant(timeline)
    assert set(sent) == {"a", "b"}
    assert all(90 <= number <= 150 for number in sent.values())
    timeline.until("2026-11-23T12:59:00Z")
    assert by_variant(timeline) == sent
    assert timeline.named().status == Status.RUNNING


@pytest.mark.parametrize("better", ["a", "b"])
def test_the_rest_gets_the_winner_when_it_is_named_and_once(better: str) -> None:
    timeline = launched()
    first = by_variant(timeline)
    clicked(timeline, better, 9)
    timeline.until("2026-11-23T13:00:00Z")
    assert timeline.service.winner(ORG, timeline.named()) == better
    assert by_variant(timeline) == first + Counter({better: 200 - sum(first.values())})
    assert timeline.times() == ["2026-11-23T09:00", "2026-11-23T13:00"]
    assert timeline.named().status == Status.COMPLETED
    assert timeline.progress().outcomes == {"sent": 200}
    timeline.check()


def test_clicks_after_the_decision_change_nothing() -> None:
    timeline = launched()
    clicked(timeline, "b", 9)
    timeline.clock.time += timedelta(hours=4)
    timeline.tick()  # the winner is named; no worker came yet
    clicked(timeline, "a", 99)
    timeline.finish()
    assert timeline.service.winner(ORG, timeline.named()) == "b"
    assert {letter.variant for letter in timeline.letters if f"{letter.at:%H}" == "13"} == {"b"}


def test_the_winners_messages_are_counted_apart_from_the_tests() -> None:
    timeline = launched()
    tested = by_variant(timeline)
    clicked(timeline, "b", 9)
    timeline.finish()
    rows = list(timeline.table.query_all(keys.campaign_pk(ORG, CAMPAIGN), "STAT#DAY#"))
    counted = {v: sum(int(row.get(f"email.1:{v}.sends", 0)) for row in rows) for v in ("a", "b", "winner")}
    assert counted == {"a": tested["a"], "b": tested["b"], "winner": 200 - sum(tested.values())}


def test_shares_that_leave_nobody_over_only_name_a_winner() -> None:
    timeline = launched(60, {"variants": [{"id": "a", "share": 50}, {"id": "b", "share": 50}], "decideAfter": "PT30M"})
    assert len(timeline.letters) == 60
    assert timeline.named().status == Status.RUNNING
    clicked(timeline, "b", 1)
    timeline.minutes(30)
    assert timeline.service.winner(ORG, timeline.named()) == "b"
    assert timeline.named().status == Status.COMPLETED


def test_variants_of_time_go_out_at_their_times_and_the_winner_at_its_own_next_one() -> None:
    variants = [{"id": "a", "share": 20}, {"id": "b", "share": 20, "delay": "PT6H"}]
    timeline = launched(200, {"variants": variants, "decideAfter": "P1D"})
    assert set(by_variant(timeline)) == {"a"}
    timeline.until("2026-11-24T08:00:00Z")
    assert timeline.times() == ["2026-11-23T09:00", "2026-11-23T15:00"]
    clicked(timeline, "b", 9)
    timeline.finish()
    assert timeline.times() == ["2026-11-23T09:00", "2026-11-23T15:00", "2026-11-24T15:00"]
    timeline.check()


def test_the_winner_goes_out_at_each_ones_own_hour_where_hours_differ() -> None:
    timeline = Timeline("2026-11-20T09:00:00Z")
    timeline.people(60, timezone="Asia/Tokyo")
    timeline.people(60, timezone="America/New_York")
    timeline.create(experiment=HALF, schedule={"startAt": "2026-11-23T09:00:00Z", "recipientTime": True})
    timeline.finish()
    # The last zone's hour is 21:00 UTC on the 23rd; four hours later the winner is named, after Tokyo's next nine.
    times = ["2026-11-23T00:00", "2026-11-23T14:00", "2026-11-24T14:00", "2026-11-25T00:00"]
    assert timeline.times() == times
    timeline.check()


def test_a_campaign_that_was_paused_over_the_decision_names_its_winner_when_resumed() -> None:
    timeline = launched()
    clicked(timeline, "b", 9)
    timeline.move(Status.PAUSED)
    timeline.until("2026-11-24T09:00:00Z")
    assert timeline.service.winner(ORG, timeline.named()) is None
    timeline.move(Status.RUNNING)
    timeline.minutes(5)
    assert timeline.progress().outcomes == {"sent": 200}
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_an_end_before_the_decision_leaves_the_rest_out() -> None:
    timeline = launched(schedule={"endAt": "2026-11-23T12:00:00Z"})
    tested = len(timeline.letters)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": tested, "skipped.expired": 200 - tested}
    assert timeline.named().status == Status.COMPLETED


def test_a_recurring_experiment_draws_and_decides_anew_in_each_run() -> None:
    timeline = Timeline("2026-11-22T09:30:00Z")
    timeline.people(200)
    schedule = {"endAt": "2026-11-25T00:00:00Z"}
    timeline.create(type="recurring", recurring={"cron": "0 9 * * *"}, schedule=schedule, experiment=HALF)
    timeline.until("2026-11-23T12:00:00Z")
    clicked(timeline, "b", 9)
    timeline.finish()
    arms = [{x.contact for x in timeline.letters if (x.run, x.variant, x.at.hour) == (n, "a", 9)} for n in (1, 2)]
    assert arms[0]
    assert arms[0] != arms[1]
    assert [timeline.progress(run).outcomes for run in (1, 2)] == [{"sent": 200}] * 2
    timeline.check()


def test_the_held_out_get_nothing_in_any_run_and_are_counted() -> None:
    timeline = Timeline("2026-11-22T09:30:00Z")
    ids = timeline.people(400)
    schedule = {"endAt": "2026-11-25T00:00:00Z"}
    timeline.create(type="recurring", recurring={"cron": "0 9 * * *"}, schedule=schedule, holdOut=25)
    assert timeline.finish().status == Status.COMPLETED
    reached = [{letter.contact for letter in timeline.letters if letter.run == run} for run in (1, 2)]
    assert reached[0] == reached[1]
    held_out = len(ids) - len(reached[0])
    assert 70 <= held_out <= 130
    assert timeline.progress(2).outcomes == {"sent": len(reached[0]), "skipped.hold_out": held_out}
    assert timeline.counted(metric="skipped.hold_out") == 2 * held_out
    timeline.check()


def test_each_variant_is_compiled_with_its_own_subject() -> None:
    timeline = launched(2)
    plan = timeline.runs.get(timeline.run_id).plan
    contents = {v: timeline.runs.content(timeline.run_id, c.digest) for v, c in plan.steps[0].contents.items()}
    assert contents == {"a": "compiled t1 None", "b": "compiled t1 Another"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_workers_killed_at_any_write_give_nobody_a_second_variant(after: bool) -> None:
    for kill_at in range(1, 110, 4):
        timeline = Timeline(START, max_batch=3)
        timeline.people(12)
        timeline.create(Status.RUNNING, experiment=HALF, holdOut=20)
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        assert timeline.finish().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), f"killed at {kill_at}"
        assert sum(timeline.progress().outcomes.values()) == 12, f"killed at {kill_at}"
        assert len({letter.contact for letter in timeline.letters}) == len(timeline.letters), f"killed at {kill_at}"
        timeline.check()
