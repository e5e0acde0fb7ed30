"""What vendors tell of a message while its batch is open: before it is known that the sending is unknown, and later,
while others of the batch are sent to again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from clarion.domain.campaign import Status
from clarion.domain.outcomes import Retry, Unknown
from clarion.domain.run import SENT, Result
from clarion.storage.batches import BatchTable
from clarion.storage.table import Table
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, run_of
from tests.services.settled import before_the_next, event_of, figures, message, outcomes, settling, tell
from tests.services.timeline import Timeline, few_shards

LEFT = Result(SENT, "v-77")


@pytest.fixture(autouse=True)
def _one_shard() -> Iterator[None]:
    with few_shards(1):
        yield


def lost() -> tuple[Delivery, list[str]]:
    """The worker died right after the call: its mails left, and nobody knows."""
    delivery = Delivery()
    ids = delivery.people(3)
    delivery.launch()
    delivery.step()
    delivery.vendor.kill_after_call = True
    delivery.step()
    delivery.vendor.kill_after_call = False
    assert len(delivery.vendor.outbox) == 3
    return delivery, ids


def test_what_was_told_before_the_ledger_knew_is_heard_when_the_batch_is_closed() -> None:
    delivery, [ann, bob, cyd] = lost()
    tell(delivery.table, [event_of(message(ann), "delivery"), event_of(message(bob), "reply")])
    delivery.recover()
    assert figures(delivery) == {"sent": 1, "unknown": 2}
    assert outcomes(delivery.table, [ann, bob, cyd]) == ["claimed", "unknown", "unknown"]
    assert len(delivery.vendor.outbox) == 3


def test_what_is_told_while_the_batch_is_being_closed_is_heard() -> None:
    delivery, [ann, *_] = lost()
    before_the_next(
        delivery.table,
        lambda actions: "unknown" in actions and "batches_done" in actions,
        lambda: tell(delivery.table, [event_of(message(ann), "delivery")]),
    )
    delivery.recover()
    assert figures(delivery) == {"sent": 1, "unknown": 2}
    assert outcomes(delivery.table, [ann]) == ["claimed"]


def test_what_is_being_counted_while_the_batch_is_closed_is_heard() -> None:
    """The event's message was read before it was unknown."""
    delivery, [ann, *_] = lost()
    before_the_next(delivery.table, lambda actions: "delivered_at" in actions, delivery.recover)
    tell(delivery.table, [event_of(message(ann), "delivery")])
    assert figures(delivery) == {"sent": 1, "unknown": 2}
    assert outcomes(delivery.table, [ann]) == ["claimed"]


# --- while what failed is retried


def one_unknown_and_one_failed(timeline: Timeline) -> None:
    """What becomes of the first two, a day after the launch."""
    timeline.vendor.answers = {
        "p0@example.com": [Unknown("read timeout")],
        "p1@example.com": [Retry(900.0, "busy")] * 2,
    }
    timeline.create(Status.RUNNING)
    timeline.settle()
    timeline.clock.go_on(days=1)
    timeline.minutes(1)


def retrying() -> tuple[Timeline, str, str]:
    """A batch that is open again for one who failed, with one in it of whom nobody knows; days later."""
    timeline = Timeline()
    ann, bob, _ = timeline.people(3)
    one_unknown_and_one_failed(timeline)
    assert figures(timeline) == {"sent": 1, "unknown": 1, "failed": 1}
    timeline.clock.go_on(days=3)
    timeline.vendor.answers = {}
    timeline.service.retry_failed(ORG, CAMPAIGN)
    timeline.step()  # the planner opens it again
    [batch] = timeline.batches.of_shard(timeline.run_id, 0)
    assert batch.state == "planned"
    return timeline, ann, bob


def test_an_open_batch_is_left_to_its_worker_and_settled_when_it_is_closed() -> None:
    timeline, ann, bob = retrying()
    assert not settling(timeline.table).settle(message(ann), LEFT)
    tell(timeline.table, [event_of(message(ann), "delivery")])
    assert outcomes(timeline.table, [ann]) == ["unknown"]
    timeline.settle()
    assert figures(timeline) == {"sent": 3}
    assert outcomes(timeline.table, [ann, bob]) == ["claimed", "claimed"]
    assert timeline.progress().complete


def test_what_is_told_while_a_batch_is_closed_again_is_heard() -> None:
    timeline, ann, _ = retrying()
    before_the_next(
        timeline.table,
        lambda actions: "batches_done" in actions,
        lambda: tell(timeline.table, [event_of(message(ann), "delivery")]),
    )
    timeline.settle()
    assert figures(timeline) == {"sent": 3}


def test_an_unknown_one_of_whom_nothing_is_heard_stays_unknown_and_can_be_settled_afterwards() -> None:
    timeline, ann, _ = retrying()
    timeline.settle()
    assert figures(timeline) == {"sent": 2, "unknown": 1}
    timeline.clock.go_on(days=1)
    tell(timeline.table, [event_of(message(ann), "delivery")])
    assert figures(timeline) == {"sent": 3}


def test_settling_takes_nobody_off_a_retry() -> None:
    """It moves the batch just before that is opened again."""
    timeline = Timeline()
    ann, _ = timeline.people(2)
    one_unknown_and_one_failed(timeline)
    timeline.vendor.answers = {}
    timeline.service.retry_failed(ORG, CAMPAIGN)
    before_the_next(
        timeline.table,
        lambda actions: "batches_done" in actions,
        lambda: settling(timeline.table).settle(message(ann), LEFT),
    )
    timeline.settle()
    assert figures(timeline) == {"sent": 2}
    assert timeline.vendor.outbox.count("p1@example.com") == 1


def test_the_table_itself_hears_of_messages_when_it_closes_a_batch(table: Table) -> None:
    delivery, [ann, *_] = lost()
    tell(delivery.table, [event_of(message(ann), "delivery")])
    for item in delivery.table.items.values():
        table.put(item)
    run, now = run_of(delivery), delivery.clock() + timedelta(minutes=5)
    for store in (table, delivery.table):
        batches = BatchTable(store)
        [seen] = batches.of_shard(run.id, 0)
        lost_ones = {i: Result("unknown", "the worker was lost") for i in seen.call}
        batches.done(seen, replace(seen, results=lost_ones, call=()), run, now)
    for (pk, sk), item in delivery.table.items.items():
        assert table.get({"pk": pk, "sk": sk}) == item
    assert figures(delivery) == {"sent": 1, "unknown": 2}
