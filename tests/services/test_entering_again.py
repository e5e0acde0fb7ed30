"""Going through a drip once more: who may, when, and in which run."""

from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import Status
from clarion.domain.errors import Stale
from clarion.domain.run import RunId, RunStatus
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.fakes.journeys import STEPS, Journey


@pytest.fixture
def journey() -> Journey:
    return Journey()


def again(journey: Journey, **details: Any) -> str:
    """A drip of one step that may be entered again after ten days; a contact that is through with it."""
    [contact] = journey.people(1)
    journey.drip(steps=STEPS[:1], reentry={"after": "P10D", "most": 3}, **details)
    return contact


def test_whoever_has_left_enters_again_after_the_wait_when_it_changes_or_acts(journey: Journey) -> None:
    contact = again(journey)
    journey.days(9)
    journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}
    journey.days(1)
    journey.acted(contact, "open", "other")
    assert journey.entered() == {contact: ["0001", "0002"]}
    assert journey.sent() == {"p0@example.com": 2}
    journey.changed(contact)
    assert journey.sent() == {"p0@example.com": 2}


def test_a_contact_enters_as_often_as_it_may_and_no_more(journey: Journey) -> None:
    contact = again(journey)
    for _ in range(6):
        journey.days(11)
        journey.changed(contact)
    assert journey.entered() == {contact: ["0001", "0002", "0003"]}
    assert journey.sent() == {"p0@example.com": 3}
    assert (journey.campaign().run, journey.campaign().live) == (3, (1, 2, 3))


def test_without_a_rule_nobody_enters_again(journey: Journey) -> None:
    [contact] = journey.people(1)
    journey.drip(steps=STEPS[:1])
    journey.days(300)
    journey.changed(contact)
    journey.acted(contact, "click", CAMPAIGN)
    assert journey.entered() == {contact: ["0001"]}


def test_whoever_is_still_on_its_way_does_not_enter_again(journey: Journey) -> None:
    [contact] = journey.people(1)
    journey.drip(reentry={"after": "PT0S"})
    journey.clock.go_on(days=2)
    journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}


def test_the_second_way_through_takes_every_step_again(journey: Journey) -> None:
    [contact] = journey.people(1)
    journey.drip(reentry={"after": "P1D"})
    journey.days(3.1)
    journey.days(1)
    journey.changed(contact)
    journey.days(3.1)
    assert journey.sent() == {"p0@example.com": 4}
    messages = journey.timelines.messages(ORG, contact, CAMPAIGN)
    assert [(message.ref.run, message.ref.step) for message in messages] == [
        (1, "hello"),
        (1, "more"),
        (2, "hello"),
        (2, "more"),
    ]


def test_a_look_lets_in_whoever_waited_long_enough_and_changed_nothing(journey: Journey) -> None:
    contact = again(journey)
    journey.days(9)
    journey.look()
    assert journey.entered() == {contact: ["0001"]}
    journey.days(1)
    journey.look()
    assert journey.entered() == {contact: ["0001", "0002"]}


def test_a_look_that_runs_out_of_time_is_continued_where_it_stopped(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.services.entering.PAGE", 2)
    journey.drip()
    people = [each for each in journey.people(200) if keys.contact_shard(each) == 3]
    journey.door.look_again(journey.run_id, 3, None, lambda: 0)
    rounds = 1
    while journey.looks:
        shard, after = journey.looks.pop()
        message = {"org": ORG, "campaign": CAMPAIGN, "run": 1, "shard": shard, "after": after}
        journey.door.enter_message(message, lambda: 0)
        rounds += 1
    assert sorted(journey.entered()) == people
    assert rounds == -(-len(people) // 2)


def test_a_milestone_is_not_reached_by_being_looked_at(journey: Journey) -> None:
    journey.milestone({"type": "leadStatus", "status": "won"})
    journey.people(3, attributes={"leadStatus": "won"})
    journey.look()
    assert journey.entered() == {}


def test_a_paused_journey_starts_its_next_run_paused(journey: Journey) -> None:
    contact = again(journey)
    journey.days(10)
    journey.service.update(ORG, CAMPAIGN, journey.campaign(), Status.PAUSED, None)
    journey.changed(contact)
    assert journey.runs.get(RunId(ORG, CAMPAIGN, 2)).status == RunStatus.PAUSED
    assert "due_sk" not in (journey.table.get(keys.run(ORG, CAMPAIGN, 2)) or {})
    journey.service.update(ORG, CAMPAIGN, journey.campaign(), Status.RUNNING, None)
    journey.work()
    assert journey.sent() == {"p0@example.com": 2}


def test_two_workers_that_start_the_next_run_at_once_start_one(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = again(journey)
    journey.days(10)
    follow_up = journey.runs.follow_up

    def beaten(campaign: Any, run: Any) -> None:
        monkeypatch.setattr(journey.runs, "follow_up", follow_up)
        follow_up(campaign, run)
        raise Stale("campaign", CAMPAIGN)

    monkeypatch.setattr(journey.runs, "follow_up", beaten)
    journey.changed(contact)
    assert journey.campaign().live == (1, 2)
    assert journey.sent() == {"p0@example.com": 2}


def test_every_run_ends_with_the_journey(journey: Journey) -> None:
    end = journey.clock() + timedelta(days=30)
    contact = again(journey, schedule={"endAt": stamp(end)})
    journey.days(11)
    journey.changed(contact)
    journey.days(20)
    journey.recover(3)
    assert journey.campaign().status == Status.COMPLETED
    assert journey.entries.entrances(ORG) == []
