"""Entering journeys that go on, and the way through them, on a whole delivery in memory."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import Status
from clarion.domain.engagement import Kind
from clarion.domain.entry import Act, Candidates, Change
from clarion.domain.errors import Stale
from clarion.domain.run import RunId, RunStatus, TakenOver
from clarion.services.entering import EnterService
from clarion.storage.timelines import TimelineTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery

STEPS = [
    {"id": "hello", "templateId": "t1"},
    {"id": "more", "templateId": "t2", "delay": "P3D"},
]


class Journey(Delivery):
    """A delivery whose contacts may enter while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[int, str]] = []
        self.timelines = TimelineTable(self.table)
        self.door = EnterService(
            self.entries,
            self.runs,
            self.campaigns,
            self.contacts,
            self.timelines,
            self.batches,
            self.queue,
            self,
            self.clock,
        )

    def look_on(self, run_id: RunId, shard: int, after: str) -> None:
        self.looks.append((shard, after))

    def drip(self, **details: Any) -> None:
        details = {"type": "drip", "templateId": None, "steps": STEPS, **details}
        self.launch(**details)
        self.work()

    def milestone(self, milestone: dict[str, Any], **details: Any) -> None:
        self.launch(type="milestone", milestone=milestone, **details)
        self.work()

    def changed(self, *contacts: str, lead_status: str = "") -> None:
        """The stream tells that contacts were added or changed."""
        self.door.enter(Candidates(ORG, tuple(Change(each, lead_status) for each in contacts)))
        self.work()

    def acted(self, contact: str, kind: str, campaign: str = "") -> None:
        self.door.enter(Candidates(ORG, (), (Act(contact, Kind(kind), campaign),)))
        self.work()

    def message(self, contact: str, campaign: str = "other", **attributes: Any) -> None:
        """Something another campaign sent, and what became of it."""
        key = keys.message(ORG, contact, campaign, 1, "1", "email")
        self.table.put({**key, "state": "claimed", "batch": "", "claimed_at": stamp(self.clock()), **attributes})

    def look(self) -> None:
        for shard in range(keys.CONTACT_SHARDS):
            self.door.look_again(self.run_id, shard, None, self.remaining_ms)
        self.work()

    def entered(self) -> dict[str, list[str]]:
        """The keys of the places taken so far, by contact."""
        taken: dict[str, list[str]] = {}
        for (pk, sk), _ in sorted(self.table.items.items()):
            if sk.startswith("ENTRY#"):
                taken.setdefault(pk.rpartition("#")[2], []).append(sk.rpartition("#")[2])
        return taken

    def sent(self) -> Counter[str]:
        return Counter(self.vendor.outbox)

    def days(self, number: float) -> None:
        """Days go by: the tick sees to what has become due."""
        self.clock.go_on(days=number)
        self.starter.tick()
        self.work()


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


# --- entering again


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


# --- milestones


def test_a_lead_status_lets_in_whoever_comes_to_it(journey: Journey) -> None:
    journey.milestone({"type": "leadStatus", "status": "qualified"})
    ann, bob = journey.people(2, attributes={"leadStatus": "qualified"})
    journey.changed(bob)
    journey.changed(bob, lead_status="new")
    journey.changed(ann, lead_status="qualified")
    journey.changed(ann, lead_status="qualified")
    assert journey.entered() == {ann: ["0001"]}
    assert journey.sent() == {"p0@example.com": 1}


def test_a_milestone_holds_for_members_of_the_audience_alone(journey: Journey) -> None:
    audience = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"plan": "pro"}}}
    journey.milestone({"type": "leadStatus", "status": "won"}, audience=audience)
    [ann] = journey.people(1, attributes={"plan": "pro"})
    [bob] = journey.people(1, attributes={"plan": "free"})
    journey.changed(ann, bob, lead_status="won")
    assert journey.entered() == {ann: ["0001"]}


@pytest.mark.parametrize("kind", ["delivery", "reply", "conversion"])
def test_the_first_event_of_a_kind_lets_in(journey: Journey, kind: str) -> None:
    journey.milestone({"type": "event", "event": kind, "campaignId": "k1"})
    ann, bob = journey.people(2)
    journey.acted(ann, kind, "k1")
    journey.acted(ann, kind, "k1")
    journey.acted(bob, kind, "k2")
    journey.acted(bob, "open", "k1")
    assert journey.entered() == {ann: ["0001"]}


def test_an_event_milestone_without_a_campaign_takes_those_of_all_of_them(journey: Journey) -> None:
    journey.milestone({"type": "event", "event": "conversion"})
    ann, bob = journey.people(2)
    journey.acted(ann, "conversion", "k1")
    journey.acted(bob, "conversion")
    assert sorted(journey.entered()) == [ann, bob]


@pytest.mark.parametrize("kind", ["open", "click"])
def test_an_open_or_click_counts_when_its_message_says_that_it_was_a_persons(journey: Journey, kind: str) -> None:
    journey.milestone({"type": "event", "event": kind, "campaignId": "k1"})
    ann, bob, cid, dan = journey.people(4)
    now, before = stamp(journey.clock()), stamp(journey.clock() - timedelta(hours=1))
    journey.message(ann, "k1", **{f"last_{kind}_at": now})
    journey.message(bob, "k1", **{f"{kind}s_machine": 3})  # what looked like a person was part of a burst
    journey.message(cid, "k1", **{f"last_{kind}_at": before})  # it was a person before the launch, and no more since
    journey.message(dan, "k2", **{f"last_{kind}_at": now})
    for contact in (ann, bob, cid, dan):
        journey.acted(contact, kind, "k1")
    assert journey.entered() == {ann: ["0001"]}


@pytest.mark.parametrize(("of", "kind"), [("opens", "open"), ("clicks", "click")])
def test_a_count_adds_up_peoples_acts_over_all_campaigns(journey: Journey, of: str, kind: str) -> None:
    journey.milestone({"type": "count", "of": of, "reaches": 5})
    ann, bob = journey.people(2)
    for contact, human in ((ann, 2), (bob, 1)):
        journey.message(contact, "k1", **{f"{of}_human": human, f"{of}_machine": 9})
        journey.message(contact, "k2", **{f"{of}_human": 2, f"{of}_unsure": 1})
    for contact in (ann, bob):
        journey.acted(contact, kind, "k1")
    journey.acted(bob, "delivery", "k1")
    assert journey.entered() == {ann: ["0001"]}


def test_purchases_are_counted_from_the_conversions_themselves(journey: Journey) -> None:
    journey.milestone({"type": "count", "of": "purchases", "reaches": 3})
    ann, bob = journey.people(2)

    def bought(contact: str, number: int) -> None:
        for n in range(number):
            at = stamp(journey.clock() - timedelta(days=n))
            journey.table.put({**keys.event(ORG, contact, at, f"e{n}"), "kind": "conversion", "at": at})
            journey.table.put({**keys.event(ORG, contact, at, f"o{n}"), "kind": "open", "at": at})
        journey.acted(contact, "conversion")

    bought(ann, 3)
    bought(bob, 2)
    assert journey.entered() == {ann: ["0001"]}


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
