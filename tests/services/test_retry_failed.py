"""Retrying what failed: those whose message certainly never left get it now, nobody else gets anything."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.errors import RuleBroken
from clarion.domain.outcomes import Rejected, Retry, Unknown
from clarion.domain.sending_rules import SendingRules
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.timeline import Timeline, few_shards


@pytest.fixture(autouse=True)
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


START = "2026-11-23T09:00:00Z"


def flawed(max_batch: int = 50, **details: Any) -> Timeline:
    """A finished run of six: two sent, and one each that was refused, is unknown, failed, could not be rendered."""
    timeline = Timeline(START, max_batch)
    timeline.people(5)
    timeline.people(1, attributes={"broken": True})
    timeline.vendor.answers = {
        "p2@example.com": [Rejected("MessageRejected", "no")],
        "p3@example.com": [Unknown("read timeout")],
        "p4@example.com": [Retry(900.0, "busy")] * 2,
    }
    timeline.create(Status.RUNNING, **details)
    timeline.settle()
    timeline.clock.go_on(days=1)  # after which what the vendor postpones is given up
    timeline.minutes(1)
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
    return timeline


def mended(timeline: Timeline) -> None:
    timeline.vendor.answers = {}
    for contact in timeline.contacts.all.values():
        contact["attributes"] = {}


def test_only_what_failed_or_could_not_be_rendered_is_sent_again() -> None:
    timeline = flawed()
    was = {"sent": 2, "rejected": 1, "unknown": 1, "failed": 1, "render_failed": 1}
    assert timeline.progress().outcomes == was
    before = len(timeline.vendor.outbox)
    mended(timeline)
    assert timeline.service.retry_failed(ORG, CAMPAIGN).status == Status.RUNNING
    timeline.settle()
    assert sorted(timeline.vendor.outbox[before:]) == ["p4@example.com", "p5@example.com"]
    assert timeline.progress().outcomes == {"sent": 4, "rejected": 1, "unknown": 1}
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
    timeline.check()


def test_counters_are_given_back_and_the_messages_say_what_they_are_now() -> None:
    timeline = flawed()
    assert (timeline.counted(metric="failed"), timeline.counted(metric="render_failed")) == (1, 1)
    mended(timeline)
    timeline.clock.go_on(days=3)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.settle()
    assert (timeline.counted(), timeline.counted(metric="failed"), timeline.counted(metric="render_failed")) == (
        4,
        0,
        0,
    )
    states = {item["to"]: item["state"] for (_, sk), item in timeline.table.items.items() if sk.startswith("MSG#")}
    assert states["p4@example.com"] == states["p5@example.com"] == "claimed"
    assert states["p2@example.com"] == "rejected"
    assert not [item for (_, sk), item in timeline.table.items.items() if sk.startswith("MSG#p4") and "detail" in item]


def test_when_nothing_failed_any_more_the_campaign_completes_without_flaw() -> None:
    timeline = Timeline(START)
    timeline.people(60, attributes={"broken": True})
    timeline.people(60)
    timeline.create(Status.RUNNING)
    timeline.finish()
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.settle()
    assert timeline.named().status == Status.COMPLETED
    assert timeline.progress().outcomes == {"sent": 120}
    with pytest.raises(RuleBroken, match="nothing to retry"):
        timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.check()


def test_what_fails_again_can_be_retried_again() -> None:
    timeline = flawed()
    for _ in range(3):
        timeline.service.retry_failed(ORG, CAMPAIGN)
        timeline.settle()
        assert timeline.progress().outcomes["render_failed"] == 1
    mended(timeline)
    timeline.finish()
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 4, "rejected": 1, "unknown": 1}
    timeline.check()


@pytest.mark.parametrize("steps_between", range(6))
def test_a_retry_asked_for_while_another_goes_on_repeats_nobody(steps_between: int) -> None:
    timeline = flawed()
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    for _ in range(steps_between):
        timeline.step()
    try:
        timeline.service.retry_failed(ORG, CAMPAIGN)
    except RuleBroken as refused:
        assert "nobody's message failed" in str(refused)  # noqa: PT017 - either answer is right, by how far it came
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 4, "rejected": 1, "unknown": 1}
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
    timeline.check()


def test_a_run_that_still_goes_on_retries_what_failed_so_far() -> None:
    timeline = Timeline(START)
    timeline.people(2, timezone="UTC", attributes={"broken": True})
    timeline.people(2, timezone="Asia/Tokyo")
    timeline.create(Status.RUNNING, sendWindow={"from": "08:00", "to": "12:00"})
    timeline.settle()
    assert timeline.progress().outcomes == {"render_failed": 2}
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.settle()
    assert timeline.progress().outcomes == {"sent": 2}
    assert timeline.named().status == Status.RUNNING
    assert timeline.finish().status == Status.COMPLETED
    assert timeline.times() == ["2026-11-23T09:00", "2026-11-23T23:00"]
    timeline.check()


def test_of_a_recurring_campaign_the_latest_run_is_retried_beside_the_coming_ones() -> None:
    timeline = Timeline("2026-11-23T08:59:00Z")
    timeline.people(2, attributes={"broken": True})
    schedule = {"endAt": "2026-11-25T00:00:00Z"}
    timeline.create(type="recurring", recurring={"cron": "0 9 * * *"}, schedule=schedule)
    timeline.until("2026-11-23T10:00:00Z")
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.finish()
    assert timeline.times() == ["2026-11-23T10:00", "2026-11-24T09:00"]
    assert [timeline.progress(run).outcomes for run in (1, 2)] == [{"sent": 2}] * 2
    timeline.check()


@pytest.mark.parametrize("steps_before", range(3))
def test_a_retry_that_is_paused_goes_on_when_it_is_resumed(steps_before: int) -> None:
    timeline = flawed()
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    for _ in range(steps_before):
        timeline.step()
    timeline.move(Status.PAUSED)
    timeline.settle()
    timeline.clock.go_on(days=1)
    timeline.move(Status.RUNNING)
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 4, "rejected": 1, "unknown": 1}
    timeline.check()


def test_whoever_is_gone_or_suppressed_by_now_is_counted_as_that() -> None:
    timeline = flawed()
    mended(timeline)
    timeline.suppressions.addresses = {"p4@example.com"}
    del timeline.contacts.all[max(timeline.contacts.all)]
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.finish()
    assert timeline.progress().outcomes == {
        "sent": 2,
        "rejected": 1,
        "unknown": 1,
        "skipped.suppressed": 1,
        "skipped.contact_deleted": 1,
    }
    timeline.check()


def test_zones_and_caps_count_a_retried_message_once() -> None:
    timeline = Timeline("2026-11-22T08:00:00Z")
    timeline.rules.rules = SendingRules.model_validate(
        {"frequencyCaps": [{"channel": "email", "most": 1, "per": "P7D"}]}
    )
    timeline.people(3, timezone="Asia/Tokyo", attributes={"broken": True})
    timeline.create(schedule={"startAt": "2026-11-23T09:00:00Z", "recipientTime": True})
    timeline.finish()
    mended(timeline)
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.finish()
    zones = timeline.runs.zones(timeline.run_id)
    assert sum(zone.done for zone in zones) == sum(zone.sent for zone in zones) == 3
    assert timeline.progress().outcomes == {"sent": 3}
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda t: t.service.delete(ORG, CAMPAIGN), "deleted"),
        (lambda t: setattr(t.vendor, "answers", {}), "endAt has passed"),
    ],
    ids=["deleted", "after its end"],
)
def test_what_is_deleted_or_past_its_end_is_not_retried(end: Callable[[Timeline], object], reason: str) -> None:
    timeline = flawed(schedule={"endAt": "2026-11-26T09:00:00Z"})
    timeline.until("2026-11-27T09:00:00Z")
    end(timeline)
    with pytest.raises(RuleBroken, match=reason):
        timeline.service.retry_failed(ORG, CAMPAIGN)
    assert len(timeline.letters) == 2


def test_a_campaign_that_never_ran_has_nothing_to_retry() -> None:
    timeline = Timeline(START)
    timeline.create(None)
    with pytest.raises(RuleBroken, match="draft has nothing to retry"):
        timeline.service.retry_failed(ORG, CAMPAIGN)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("max_batch", [50, 1])
def test_workers_killed_at_any_write_of_a_retry_repeat_nobody_and_forget_nobody(max_batch: int, after: bool) -> None:
    for kill_at in range(2, 30):  # 1 is the retry itself, whose caller is told that it failed
        timeline = Timeline(START, max_batch)
        timeline.people(3, attributes={"broken": True})
        timeline.people(3)
        timeline.create(Status.RUNNING)
        timeline.finish()
        mended(timeline)
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        timeline.service.retry_failed(ORG, CAMPAIGN)
        timeline.finish()
        outcomes = timeline.progress().outcomes
        where = f"killed at {kill_at}"
        assert outcomes["sent"] + outcomes.get("unknown", 0) == 6, where
        assert timeline.named().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), where
        assert timeline.counted(metric="render_failed") == 0, where
        timeline.check()


def test_a_retry_whose_messages_were_all_lost_is_found_by_the_looks_of_every_minute() -> None:
    timeline = flawed()
    mended(timeline)
    timeline.queue.lose = True
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.queue.lose = False
    timeline.clock.time += timedelta(minutes=1)
    timeline.minutes(5)
    assert timeline.progress().outcomes == {"sent": 4, "rejected": 1, "unknown": 1}
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
