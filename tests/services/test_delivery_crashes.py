"""A delivery whose workers die, stall, or meet each other: nobody gets a message twice, nobody is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.domain.campaign import Status
from clarion.domain.run import Batch, BatchId, BatchState, TakenOver
from tests.fakes.campaigns import CampaignsInMemory
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details
from tests.fakes.world import Composer


@pytest.fixture
def delivery() -> Delivery:
    return Delivery()


def everyone(delivery: Delivery) -> set[str]:
    return {contact["email"] for contact in delivery.contacts.all.values()}


def test_repeated_and_shuffled_queue_messages_change_nothing(delivery: Delivery) -> None:
    delivery.people(700)
    delivery.launch()
    for seed in range(5):
        delivery.queue.waiting.extend(list(delivery.queue.waiting))
        delivery.shuffle(seed)
        for _ in range(20):
            delivery.step()
    delivery.work()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.outcomes() == {"sent": 700}


def test_lost_queue_messages_are_made_good_by_the_sweep(delivery: Delivery) -> None:
    delivery.people(300)
    delivery.queue.lose = True
    delivery.launch()
    delivery.work()
    assert delivery.vendor.outbox == []
    delivery.queue.lose = False
    delivery.recover()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.campaign().status == Status.COMPLETED


def test_a_worker_killed_between_claim_and_send_loses_nobody(delivery: Delivery) -> None:
    delivery.people(50)
    delivery.launch()
    delivery.vendor.kill_before_call = True
    while delivery.step():
        pass
    # It died inside the call as far as anybody can tell: those are unknown, and never sent to blindly.
    delivery.vendor.kill_before_call = False
    delivery.recover()
    assert delivery.outcomes() == {"unknown": 50}
    assert delivery.vendor.outbox == []
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES


def test_a_worker_killed_between_send_and_record_repeats_nobody(delivery: Delivery) -> None:
    delivery.people(50)
    delivery.launch()
    delivery.vendor.kill_after_call = True
    delivery.work()
    delivery.vendor.kill_after_call = False
    delivery.recover()
    assert delivery.sent_twice() == []
    assert delivery.outcomes() == {"unknown": 50}
    assert sum(delivery.outcomes().values()) == 50


def _undisturbed_calls(max_batch: int) -> int:
    delivery = Delivery(max_batch)
    delivery.people(60)
    delivery.launch()
    delivery.work()
    return delivery.table.calls


@pytest.mark.parametrize("max_batch", [50, 1])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_write_repeats_nobody_and_forgets_nobody(max_batch: int, after: bool) -> None:
    calls = _undisturbed_calls(max_batch)
    assert calls > 20
    for kill_at in range(2, calls + 1):  # 1 is the launch, whose caller is told that it failed
        delivery = Delivery(max_batch)
        delivery.people(60)
        delivery.launch()
        delivery.table.kill_at, delivery.table.after = kill_at, after
        delivery.work()
        delivery.recover()
        outcomes = delivery.outcomes()
        where = f"killed at call {kill_at} of {calls}"
        assert delivery.sent_twice() == [], where
        assert sum(outcomes.values()) == 60, where
        assert delivery.campaign().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), where
        assert outcomes.get("unknown", 0) <= max_batch, where
        assert len(delivery.vendor.outbox) >= outcomes["sent"], where
        assert len(delivery.vendor.outbox) <= outcomes["sent"] + outcomes.get("unknown", 0), where
        assert delivery.counted_sends() == outcomes["sent"], where


def test_a_worker_that_read_the_batch_before_another_released_it_cannot_claim_it(delivery: Delivery) -> None:
    delivery.people(4)
    delivery.launch()
    while delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    batch_id = delivery.queue.waiting[0][1]
    seen = delivery.batches.get(batch_id)
    mine = delivery.batches.claim(seen, "first", "2026-11-21T09:02:30.000Z")
    released = replace(mine, state=BatchState.PLANNED, attempts=seen.attempts, owner=seen.owner, lease_until="")
    delivery.batches.save(mine, released)
    with pytest.raises(TakenOver):
        delivery.batches.claim(seen, "second", "2026-11-21T09:02:30.000Z")


def test_a_write_whose_answer_was_lost_is_ones_own(delivery: Delivery) -> None:
    delivery.people(1)
    delivery.launch()
    while delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    seen = delivery.batches.get(delivery.queue.waiting[0][1])
    mine = delivery.batches.claim(seen, "me", "2026-11-21T09:02:30.000Z")
    assert delivery.batches.claim(seen, "me", "2026-11-21T09:02:30.000Z") == mine
    with pytest.raises(TakenOver):
        delivery.batches.claim(seen, "another", "2026-11-21T09:02:30.000Z")


def test_a_batch_that_kills_every_worker_is_given_up_and_the_rest_goes_on(delivery: Delivery) -> None:
    ids = delivery.people(300)

    class Explosive:
        def compose(self, contact: Any) -> Any:
            if contact["id"] == ids[7]:
                raise MemoryError
            return Composer().compose(contact)

    delivery.composer = Explosive()
    delivery.launch()
    delivery.work()
    delivery.recover(minutes=40)
    assert delivery.crashes == 5
    outcomes = delivery.outcomes()
    assert sum(outcomes.values()) == 300
    assert 0 < outcomes["failed"] <= 50
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES


def test_one_campaign_that_cannot_be_looked_after_does_not_stop_the_tick(delivery: Delivery, monkeypatch: Any) -> None:
    delivery.people(3)
    start = (delivery.clock() + timedelta(minutes=1)).isoformat()
    details = campaign_details(schedule={"startAt": start})
    delivery.service.create(ORG, CAMPAIGN, "u", details, Status.SCHEDULED)
    other = "01J0000000000000000000BAD0"
    delivery.service.create(ORG, other, "u", details, Status.SCHEDULED)
    get = CampaignsInMemory.get

    def fails(self: CampaignsInMemory, org: str, campaign: str) -> Any:
        if campaign == other:
            raise ConnectionError
        return get(self, org, campaign)

    monkeypatch.setattr(CampaignsInMemory, "get", fails)
    delivery.clock.go_on(minutes=2)
    assert delivery.starter.tick()["errors"] == 1
    delivery.work()
    assert len(delivery.vendor.outbox) == 3


def test_a_start_that_was_moved_while_the_tick_looked_is_not_overridden(delivery: Delivery, monkeypatch: Any) -> None:
    delivery.people(3)
    start = (delivery.clock() + timedelta(minutes=1)).isoformat()
    details = campaign_details(schedule={"startAt": start})
    delivery.service.create(ORG, CAMPAIGN, "u", details, Status.SCHEDULED)
    delivery.clock.go_on(minutes=2)
    later = campaign_details(schedule={"startAt": (delivery.clock() + timedelta(days=7)).isoformat()})
    launch = delivery.service.launch_as_seen

    def moved_meanwhile(org: str, campaign: Any, start: Any) -> Any:
        delivery.service.update(ORG, CAMPAIGN, later, Status.SCHEDULED, None)
        return launch(org, campaign, start)

    monkeypatch.setattr(delivery.service, "launch_as_seen", moved_meanwhile)
    delivery.starter.tick()
    delivery.work()
    assert delivery.vendor.outbox == []
    assert delivery.campaign().status == Status.SCHEDULED


def test_a_planner_short_of_time_gets_on_where_few_belong(delivery: Delivery, monkeypatch: Any) -> None:
    monkeypatch.setattr("clarion.services.planning.PAGE", 5)
    delivery.people(400)
    last = delivery.people(1, attributes={"vip": True})
    delivery.launch(audience={"type": "dynamic", "filter": {"datatype": "contact", "where": {"vip": True}}})
    delivery.remaining_ms = lambda: 1_000
    for _ in range(16 * 10):
        message = delivery.queue.take()
        if message is None or message[0] == "send":
            break
        run_id, shard = message[1]
        delivery.planner.plan(run_id, shard, delivery.remaining_ms)
    delivery.remaining_ms = lambda: 100_000
    delivery.work()
    delivery.recover()
    assert delivery.vendor.outbox == [delivery.contacts.all[last[0]]["email"]]
    assert delivery.campaign().status == Status.COMPLETED


def test_a_second_planner_adds_nobody_to_a_finished_shard(delivery: Delivery) -> None:
    delivery.launch()
    run, seen = delivery.runs.get(delivery.run_id), delivery.runs.shard(delivery.run_id, 3)

    def plan(contacts: tuple[str, ...]) -> None:
        batch = Batch(BatchId(run.id, 3, 0), BatchState.PLANNED, contacts, "2026-11-21T09:00:00.000Z")
        delivery.batches.add(run, seen, [batch], after=None, planned=True, fallbacks={}, now=delivery.clock())

    plan(("01J00000000000000000000007",))
    with pytest.raises(TakenOver):
        plan(("01J00000000000000000000003",))


def test_a_slow_worker_that_lost_its_lease_cannot_send(delivery: Delivery) -> None:
    delivery.people(1)
    delivery.launch()
    while delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    batch_id = delivery.queue.waiting[0][1]
    slow = delivery.batches.claim(delivery.batches.get(batch_id), "slow", "2026-11-21T09:02:30.000Z")
    delivery.clock.go_on(minutes=5)
    delivery.work()
    assert len(delivery.vendor.outbox) == 1
    with pytest.raises(TakenOver):
        delivery.batches.save(slow, slow)
    assert delivery.batches.get(batch_id).state == BatchState.DONE


def test_a_planner_short_of_time_goes_on_in_another_invocation(delivery: Delivery) -> None:
    ids = [i for i in delivery.people(20_000) if keys.contact_shard(i) == 3]
    for contact_id in list(delivery.contacts.all):
        if contact_id not in set(ids):
            del delivery.contacts.all[contact_id]
    assert len(ids) > 1_000
    delivery.launch()
    times: list[int] = []

    def remaining_ms() -> int:
        times.append(1)
        return 1_000 if len(times) == 1 else 100_000

    delivery.remaining_ms = remaining_ms
    delivery.work()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
