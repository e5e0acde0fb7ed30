"""Entering journeys that go on, and the way through them, on a whole delivery in memory."""

from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import Status
from clarion.domain.entry import Candidates, Change
from clarion.domain.run import RunId, TakenOver
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.fakes.journeys import STEPS, Journey


@pytest.fixture
def journey() -> Journey:
    return Journey()


def test_a_contact_added_while_a_drip_runs_gets_every_step_from_its_own_entry_on(journey: Journey) -> None:
    journey.people(2)
    journey.drip()
    assert len(journey.vendor.outbox) == 2
    journey.days(2)
    [late] = journey.people(1)
    journey.changed(late)
    assert journey.sent()["p2@example.com"] == 1
    journey.days(1.1)
    assert journey.sent() == {"p0@example.com": 2, "p1@example.com": 2, "p2@example.com": 1}
    journey.days(2)
    assert journey.sent() == {"p0@example.com": 2, "p1@example.com": 2, "p2@example.com": 2}
    assert journey.crashes == 0


def test_whoever_is_no_member_stays_outside_until_it_is(journey: Journey) -> None:
    audience = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"plan": "pro"}}}
    [contact] = journey.people(1, attributes={"plan": "free"})
    journey.drip(audience=audience)
    journey.changed(contact)
    assert journey.entered() == {}
    journey.contacts.all[contact]["attributes"] = {"plan": "pro"}
    journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}


def test_telling_of_a_contact_again_and_again_lets_it_in_once(journey: Journey) -> None:
    journey.drip()
    people = journey.people(30)
    for _ in range(3):
        journey.changed(*people)
    assert journey.entered() == {each: ["0001"] for each in people}
    assert set(journey.sent().values()) == {1}
    assert journey.outcomes() == {"sent": 30}


def test_the_audience_of_the_launch_and_the_newcomers_meet_without_counting_anybody_twice(journey: Journey) -> None:
    people = journey.people(60)
    journey.launch(type="drip", templateId=None, steps=STEPS)
    # Half of the planners have been at work when everybody is told of.
    for _ in range(8):
        journey.step()
    journey.door.enter(Candidates(ORG, tuple(Change(each) for each in people)))
    journey.work()
    assert len(journey.entered()) == 60
    assert set(journey.sent().values()) == {1}
    assert journey.outcomes() == {"sent": 60}
    assert journey.crashes == 0


def test_a_contact_that_came_in_the_moment_of_the_launch_is_found_by_planning(journey: Journey) -> None:
    journey.launch(type="drip", templateId=None, steps=STEPS)
    journey.contacts.add("01J" + "7" * 23, journey.clock() + timedelta(seconds=1), email="late@example.com")
    journey.work()
    assert journey.sent() == {"late@example.com": 1}


def test_a_deleted_contact_enters_nothing(journey: Journey) -> None:
    journey.drip()
    journey.changed("01J0000000000000000000GONE")
    assert journey.entered() == {}


def test_contacts_of_one_batch_share_their_shard_and_a_transaction_holds_them_all(journey: Journey) -> None:
    journey.drip()
    people = journey.people(200)
    journey.door.enter(Candidates(ORG, tuple(Change(each) for each in people)))
    for shard in range(keys.CONTACT_SHARDS):
        for batch in journey.batches.of_shard(journey.run_id, shard):
            assert {keys.contact_shard(each) for each in batch.contacts} == {shard}
            assert len(batch.contacts) <= 40
    assert max(journey.table.transactions) <= 100
    assert len(journey.entered()) == 200


def test_people_of_different_zones_wait_in_batches_of_their_own(journey: Journey) -> None:
    window = {"from": "09:00", "to": "17:00"}
    journey.drip(sendWindow=window)
    people = [*journey.people(4, timezone="Asia/Tokyo"), *journey.people(4, timezone="Europe/Berlin")]
    journey.changed(*people)
    # 9:00 UTC is 10:00 in Berlin and 18:00 in Tokyo.
    assert sorted(journey.vendor.outbox) == [f"p{n}@example.com" for n in (4, 5, 6, 7)]
    journey.days(0.7)
    assert len(journey.vendor.outbox) == 8


def test_whoever_is_held_out_takes_its_place_and_gets_nothing(journey: Journey) -> None:
    journey.drip(holdOut=50)
    people = journey.people(80)
    journey.changed(*people)
    held_out = journey.outcomes()["skipped.hold_out"]
    assert 20 < held_out < 60
    assert len(journey.vendor.outbox) == 80 - held_out
    assert len(journey.entered()) == 80


def test_a_paused_journey_takes_contacts_in_and_sends_when_it_goes_on(journey: Journey) -> None:
    journey.drip()
    details = journey.campaign()
    journey.service.update(ORG, CAMPAIGN, details, Status.PAUSED, None)
    [contact] = journey.people(1)
    journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}
    assert journey.vendor.outbox == []
    journey.service.update(ORG, CAMPAIGN, journey.campaign(), Status.RUNNING, None)
    journey.work()
    assert journey.sent() == {"p0@example.com": 1}


def test_nobody_enters_a_journey_that_was_cancelled(journey: Journey) -> None:
    journey.drip()
    run_id = journey.run_id
    journey.service.update(ORG, CAMPAIGN, journey.campaign(), Status.CANCELLED, None)
    [contact] = journey.people(1)
    assert journey.entries.entrances(ORG) == []
    journey.changed(contact)
    journey.table.put({**keys.entrance(ORG, CAMPAIGN), "run": run_id.run})  # a worker that read it a moment ago
    journey.changed(contact)
    assert journey.entered() == {}


def test_nobody_enters_after_the_end(journey: Journey) -> None:
    journey.drip(schedule={"endAt": stamp(journey.clock() + timedelta(days=1))})
    journey.clock.go_on(days=1)
    [contact] = journey.people(1)
    journey.changed(contact)
    assert journey.entered() == {}
    journey.starter.tick()
    journey.work()
    assert journey.campaign().status == Status.COMPLETED


def test_an_entrance_whose_campaign_is_gone_keeps_no_other_journey_waiting(journey: Journey) -> None:
    journey.table.put({**keys.entrance(ORG, "01J000000000000000000000AA"), "run": 1})
    journey.drip()
    [contact] = journey.people(1)
    journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}


def test_a_journey_that_fails_keeps_no_other_waiting_and_the_message_comes_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.drip()
    broken = RunId(ORG, "01J000000000000000000000AA", 1)
    journey.table.put({**keys.entrance(ORG, broken.campaign), "run": 1})
    get = journey.runs.get

    def failing(run_id: RunId) -> Any:
        if run_id == broken:
            raise ConnectionError
        return get(run_id)

    monkeypatch.setattr(journey.runs, "get", failing)
    [contact] = journey.people(1)
    with pytest.raises(ConnectionError):
        journey.changed(contact)
    assert journey.entered() == {contact: ["0001"]}


def test_a_worker_that_was_overtaken_reads_again_and_at_last_gives_the_message_back(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.drip()
    [ann] = journey.people(1)
    seen = journey.runs.shard(journey.run_id, keys.contact_shard(ann))
    [bob] = [each for each in journey.people(60) if keys.contact_shard(each) == seen.shard][:1]
    journey.changed(bob)
    shard = journey.runs.shard
    left = iter([seen, seen])
    monkeypatch.setattr(journey.runs, "shard", lambda run_id, number: next(left, None) or shard(run_id, number))
    journey.changed(ann)
    assert sorted(journey.entered()) == sorted([ann, bob])
    monkeypatch.setattr(journey.runs, "shard", lambda run_id, number: seen)
    [late] = [each for each in journey.people(60) if keys.contact_shard(each) == seen.shard][:1]
    with pytest.raises(TakenOver):
        journey.changed(late)
    monkeypatch.undo()
    journey.changed(late)
    assert late in journey.entered()
