"""Frequency caps over campaigns that go out together: nobody gets more than allowed, and no place is wasted."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown
from clarion.domain.sending_rules import SendingRules
from tests.services.timeline import Timeline

START = "2026-11-23T09:00:00Z"
TEN = [f"01J0000000000000000000000{n}" for n in range(10)]


def capped(most: int, per: str = "P7D", people: int = 20, max_batch: int = 50) -> Timeline:
    timeline = Timeline(START, max_batch)
    cap = {"channel": "email", "most": most, "per": per}
    timeline.rules.rules = SendingRules.model_validate({"frequencyCaps": [cap]})
    timeline.people(people)
    return timeline


def received(timeline: Timeline) -> Counter[str]:
    return Counter(letter.contact for letter in timeline.letters)


def outcomes(timeline: Timeline, *campaigns: str) -> Counter[str]:
    found = Counter[str]()
    for campaign in campaigns:
        found.update(timeline.progress(campaign=campaign).outcomes)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_ten_campaigns_at_once_under_a_cap_of_five_give_everybody_five(seed: int) -> None:
    timeline = capped(5)
    for campaign in TEN:
        timeline.create(Status.RUNNING, campaign)
    for _ in range(10 * 40):
        timeline.shuffle(seed)
        timeline.step()
    timeline.settle()
    assert set(received(timeline).values()) == {5}
    assert len(received(timeline)) == 20
    assert outcomes(timeline, *TEN) == {"sent": 100, "skipped.capped": 100}
    assert {timeline.named(campaign).status for campaign in TEN} == {Status.COMPLETED}
    timeline.check(*TEN)


def test_the_cap_slides_and_lets_the_next_one_through_a_week_after() -> None:
    timeline = capped(1)
    timeline.create(Status.RUNNING, TEN[0])
    timeline.settle()
    timeline.clock.time += timedelta(days=7, minutes=-1)
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    timeline.clock.time += timedelta(minutes=1)
    timeline.create(Status.RUNNING, TEN[2])
    timeline.settle()
    assert [dict(timeline.progress(campaign=campaign).outcomes) for campaign in TEN[:3]] == [
        {"sent": 20},
        {"skipped.capped": 20},
        {"sent": 20},
    ]


def test_a_recurring_campaign_is_capped_like_any_other() -> None:
    timeline = capped(2, people=3)
    schedule = {"endAt": "2026-11-28T00:00:00Z"}
    timeline.create(type="recurring", recurring={"cron": "30 9 * * *"}, schedule=schedule)
    timeline.finish()
    assert [timeline.progress(run).outcomes for run in range(1, 6)] == [
        {"sent": 3},
        {"sent": 3},
        {"skipped.capped": 3},
        {"skipped.capped": 3},
        {"skipped.capped": 3},
    ]
    timeline.check()


def test_a_campaign_that_ignores_caps_sends_and_takes_no_place() -> None:
    timeline = capped(1)
    timeline.create(Status.RUNNING, TEN[0], ignoreFrequencyCaps=True)
    timeline.settle()
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    timeline.create(Status.RUNNING, TEN[2], ignoreFrequencyCaps=True)
    timeline.settle()
    assert outcomes(timeline, *TEN[:3]) == {"sent": 60}


@pytest.mark.parametrize("answer", [Rejected("MessageRejected", "no"), Retry(900.0, "busy")], ids=["refused", "failed"])
def test_a_message_that_never_left_gives_its_place_back(answer: Any) -> None:
    timeline = capped(1, people=1)
    timeline.vendor.answers = {"p0@example.com": [answer] * 2}
    timeline.create(Status.RUNNING, TEN[0])
    timeline.settle()
    timeline.clock.go_on(days=1)  # after which what the vendor postpones is given up
    timeline.settle()
    timeline.tick()
    timeline.vendor.answers = {}
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    assert sum(timeline.progress(campaign=TEN[0]).outcomes.values()) == 1
    assert timeline.progress(campaign=TEN[1]).outcomes == {"sent": 1}


@pytest.mark.parametrize("reason", ["suppressed", "window", "expired"])
def test_whoever_is_skipped_after_the_vendor_said_later_gives_the_place_back(reason: str) -> None:
    timeline = capped(1, people=1)
    timeline.vendor.answers = {"p0@example.com": [Retry(600.0, "busy")]}
    rules: dict[str, dict[str, Any]] = {
        "suppressed": {},
        "window": {"sendWindow": {"from": "08:00", "to": "09:05", "otherwise": "skip"}},
        "expired": {"expireAfter": "PT5M"},
    }
    timeline.create(Status.RUNNING, TEN[0], **rules[reason])
    timeline.settle()
    timeline.suppressions.addresses = {"p0@example.com"} if reason == "suppressed" else set()
    timeline.finish(TEN[0])
    ((outcome, _),) = timeline.progress(campaign=TEN[0]).outcomes.items()
    assert outcome == {"window": "skipped.outside_window"}.get(reason, f"skipped.{reason}")
    timeline.suppressions.addresses = set()
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    assert timeline.progress(campaign=TEN[1]).outcomes == {"sent": 1}


def test_a_batch_that_cost_too_many_workers_gives_its_places_back() -> None:
    timeline = capped(1, people=2)

    def lost(*_: object) -> set[int]:
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline.batches, "claim_messages", lost)
        timeline.create(Status.RUNNING, TEN[0])
        timeline.finish(TEN[0])
    assert timeline.progress(campaign=TEN[0]).outcomes == {"failed": 2}
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    assert timeline.progress(campaign=TEN[1]).outcomes == {"sent": 2}


def test_a_message_that_may_have_left_keeps_its_place() -> None:
    timeline = capped(1, people=1)
    timeline.vendor.answers = {"p0@example.com": [Unknown("read timeout")]}
    for campaign in TEN[:2]:
        timeline.create(Status.RUNNING, campaign)
        timeline.settle()
    assert outcomes(timeline, *TEN[:2]) == {"unknown": 1, "skipped.capped": 1}


@pytest.mark.parametrize("reason", ["suppressed", "broken", "no_consent"])
def test_whoever_is_skipped_uses_up_nothing(reason: str) -> None:
    timeline = capped(1, people=1)
    (contact,) = timeline.contacts.all.values()
    timeline.suppressions.addresses = {"p0@example.com"} if reason == "suppressed" else set()
    contact["attributes"] = {"broken": reason == "broken"}
    contact["consent"] = {"email": "denied"} if reason == "no_consent" else {}
    timeline.create(Status.RUNNING, TEN[0])
    timeline.settle()
    timeline.suppressions.addresses, contact["attributes"], contact["consent"] = set(), {}, {}
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    assert timeline.progress(campaign=TEN[1]).outcomes == {"sent": 1}


def test_a_campaign_that_the_vendor_stopped_holds_no_places_while_it_stands() -> None:
    timeline = capped(1)
    timeline.vendor.answers = {f"p{n}@example.com": [Stop("AccountSuspended", "suspended")] for n in range(20)}
    timeline.create(Status.RUNNING, TEN[0])
    timeline.settle()
    assert timeline.named(TEN[0]).status == Status.PAUSED
    timeline.vendor.answers = {}
    timeline.create(Status.RUNNING, TEN[1])
    timeline.settle()
    assert timeline.progress(campaign=TEN[1]).outcomes == {"sent": 20}
    timeline.move(Status.RUNNING, TEN[0])
    timeline.minutes(5)
    assert timeline.progress(campaign=TEN[0]).outcomes == {"skipped.capped": 20}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_workers_killed_at_any_write_never_exceed_the_cap(after: bool) -> None:
    two = TEN[:2]
    for kill_at in range(1, 40, 2):
        timeline = capped(1, people=4, max_batch=2)
        for campaign in two:
            timeline.create(Status.RUNNING, campaign)
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        timeline.settle()
        for campaign in two:
            timeline.finish(campaign)
        counts = outcomes(timeline, *two)
        assert max(received(timeline).values(), default=0) <= 1, f"killed at {kill_at}"
        assert sum(counts.values()) == 8, f"killed at {kill_at}"
        assert counts["sent"] + counts["unknown"] == 4, f"killed at {kill_at}: {counts}"
        timeline.check(*two)
