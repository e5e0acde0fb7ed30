"""An outcome that was unknown becomes known, and everything that counts it follows, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clarion import keys
from clarion.domain.campaign import Status
from clarion.domain.outcomes import Unknown
from clarion.domain.run import FAILED, SENT, Result
from clarion.storage.settlements import SettlementTable
from clarion.storage.table import Table
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, run_of
from tests.fakes.racing import TableOfThreads
from tests.fakes.world import Killed
from tests.services.settled import before_the_next, event_of, figures, message, outcomes, settling, tell
from tests.services.timeline import few_shards

LEFT = Result(SENT, "v-77")


@pytest.fixture(autouse=True)
def _one_shard() -> Iterator[None]:
    with few_shards(1):
        yield


def unsure(people: int = 3, unknown: int = 2, **details: Any) -> tuple[Delivery, list[str]]:
    """A campaign that has ended, and those of its contacts of whom nobody knows whether they were sent to."""
    delivery = Delivery()
    ids = delivery.people(people)
    delivery.vendor.answers = {f"p{n}@example.com": [Unknown("read timeout")] for n in range(unknown)}
    delivery.launch(**details)
    delivery.work()
    return delivery, ids[:unknown]


def test_what_left_is_sent_and_counts_as_that() -> None:
    delivery, [ann, bob] = unsure()
    assert figures(delivery) == {"sent": 1, "unknown": 2}
    assert settling(delivery.table).settle(message(ann), LEFT)
    assert figures(delivery) == {"sent": 2, "unknown": 1}
    assert outcomes(delivery.table, [ann, bob]) == ["claimed", "unknown"]
    item = delivery.table.get(keys.message(*message(ann)))
    assert item is not None
    assert not {"detail", "closed_at"} & set(item)
    [batch] = delivery.batches.of_shard(delivery.run_id, 0)
    assert LEFT in batch.results.values()


def test_settling_again_or_what_is_known_changes_nothing() -> None:
    delivery, [ann, _] = unsure()
    service = settling(delivery.table)
    assert service.settle(message(ann), LEFT)
    settled = dict(delivery.table.items)
    assert not service.settle(message(ann), LEFT)
    assert not service.settle(message(ann), Result(FAILED, "no"))
    assert not service.settle(message(delivery.people(1)[0]), LEFT)
    assert not service.settle(message(ann, run=9), LEFT)
    assert delivery.table.items == settled


def test_a_campaign_keeps_the_status_it_ended_with() -> None:
    delivery, unknown = unsure()
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES
    assert settling(delivery.table).left(map(message, unknown)) == 2
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES
    assert run_of(delivery).status == "completed"


def test_it_is_counted_on_the_day_that_the_unknown_was() -> None:
    delivery, [ann, _] = unsure()
    delivery.clock.go_on(days=3)
    settling(delivery.table).settle(message(ann), LEFT)
    days = {sk for _, sk in delivery.table.items if sk.startswith("STAT#DAY#")}
    assert {sk.split("#")[2] for sk in days} == {"2026-11-21"}
    assert figures(delivery) == {"sent": 2, "unknown": 1}


def test_what_never_left_has_failed_and_is_sent_by_a_retry() -> None:
    delivery, [ann, bob] = unsure()
    assert settling(delivery.table).settle(message(ann), Result(FAILED, "the vendor does not show it"))
    assert figures(delivery) == {"sent": 1, "unknown": 1, "failed": 1}
    assert outcomes(delivery.table, [ann, bob]) == ["failed", "unknown"]
    delivery.service.retry_failed(ORG, CAMPAIGN)
    delivery.work()
    assert delivery.vendor.outbox.count("p0@example.com") == 1
    assert figures(delivery) == {"sent": 2, "unknown": 1}


def test_the_row_of_a_zone_follows() -> None:
    schedule = {"startAt": "2026-11-21T10:00:00", "timezone": "UTC", "recipientTime": True}
    delivery = Delivery()
    [ann] = delivery.people(1, timezone="Etc/UTC")
    delivery.vendor.answers = {"p0@example.com": [Unknown("read timeout")]}
    delivery.launch(schedule=schedule)
    delivery.recover(70)
    [zone] = delivery.runs.zones(delivery.run_id)
    assert (zone.audience, zone.done, zone.sent) == (1, 1, 0)
    assert settling(delivery.table).settle(message(ann), LEFT)
    [zone] = delivery.runs.zones(delivery.run_id)
    assert (zone.audience, zone.done, zone.sent) == (1, 1, 1)


def test_a_journey_that_ended_with_it_ended_as_it_is_known_now() -> None:
    steps = [{"id": "1", "templateId": "t1"}, {"id": "2", "templateId": "t2", "delay": "PT5M"}]
    delivery = Delivery()
    [ann] = delivery.people(1)
    delivery.vendor.answers = {"p0@example.com": [Unknown("first"), Unknown("second")]}
    delivery.launch(type="drip", templateId=None, steps=steps)
    delivery.recover(10)
    assert outcomes(delivery.table, [ann], "1") == outcomes(delivery.table, [ann], "2") == ["unknown"]

    def ended() -> str:
        [place] = delivery.entries.places(ORG, CAMPAIGN, ann)
        return place.outcome

    assert settling(delivery.table).settle(message(ann, "1"), LEFT)
    assert ended() == "unknown"
    assert settling(delivery.table).settle(message(ann, "2"), LEFT)
    assert ended() == "sent"
    assert figures(delivery) == {"sent": 2}


# --- by what vendors tell


@pytest.mark.parametrize("kind", ["delivery", "bounce", "complaint", "open", "click"])
def test_an_event_of_the_message_shows_that_it_left(kind: str) -> None:
    delivery, [ann, bob] = unsure()
    for _ in range(2):
        tell(delivery.table, [event_of(message(ann), kind)])
        assert figures(delivery) == {"sent": 2, "unknown": 1}
    assert outcomes(delivery.table, [ann, bob]) == ["claimed", "unknown"]


@pytest.mark.parametrize("kind", ["reply", "unsubscribe", "conversion"])
def test_what_may_be_about_an_earlier_message_shows_nothing(kind: str) -> None:
    delivery, [ann, _] = unsure()
    tell(delivery.table, [event_of(message(ann), kind)])
    assert figures(delivery) == {"sent": 1, "unknown": 2}


def test_a_worker_that_dies_between_counting_and_settling_is_followed_by_one_that_settles() -> None:
    delivery, [ann, _] = unsure()
    events = [event_of(message(ann), "delivery"), event_of(message(ann), "open")]
    delivery.table.calls, delivery.table.kill_at = 0, 2
    with pytest.raises(Killed):
        tell(delivery.table, events)
    delivery.table.kill_at = None
    assert figures(delivery) == {"sent": 1, "unknown": 2}
    for _ in range(2):
        tell(delivery.table, events)
        assert figures(delivery) == {"sent": 2, "unknown": 1}
    assert delivery.table.items[keys.campaign_pk(ORG, CAMPAIGN), _day(delivery, ann)]["email.1.deliveries"] == 1


def _day(delivery: Delivery, contact: str) -> str:
    return f"STAT#DAY#2026-11-21#{keys.counter_suffix(contact)}"


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_while_settling_settles_all_or_nothing(after: bool) -> None:
    delivery, [ann, _] = unsure()
    delivery.table.calls, delivery.table.kill_at, delivery.table.after = 0, 1, after
    with pytest.raises(Killed):
        settling(delivery.table).settle(message(ann), LEFT)
    delivery.table.kill_at = None
    assert figures(delivery)["sent"] == (2 if after else 1)
    assert settling(delivery.table).settle(message(ann), LEFT) is not after
    assert figures(delivery) == {"sent": 2, "unknown": 1}


def test_two_of_a_batch_are_settled_at_the_same_time() -> None:
    delivery, [ann, bob] = unsure()
    other = list[bool]()
    before_the_next(delivery.table, bool, lambda: other.append(settling(delivery.table).settle(message(bob), LEFT)))
    assert settling(delivery.table).settle(message(ann), LEFT)
    assert other == [True]
    assert figures(delivery) == {"sent": 3}


def test_of_two_who_settle_one_message_the_second_changes_nothing() -> None:
    delivery, [ann, _] = unsure()
    other = list[bool]()
    before_the_next(delivery.table, bool, lambda: other.append(settling(delivery.table).settle(message(ann), LEFT)))
    assert not settling(delivery.table).settle(message(ann), Result(FAILED, "no"))
    assert other == [True]
    assert figures(delivery) == {"sent": 2, "unknown": 1}


def test_all_of_a_batch_are_settled_by_workers_side_by_side_and_each_once() -> None:
    delivery, unknown = unsure(people=21, unknown=20)
    workers = [*unknown, *unknown]
    table = TableOfThreads(len(workers))
    table.items = delivery.table.items
    with ThreadPoolExecutor(len(workers)) as pool:
        settled = list(pool.map(lambda contact: settling(table).settle(message(contact), LEFT), workers))
    assert sorted(settled) == [False] * 20 + [True] * 20
    assert figures(delivery) == {"sent": 21}


def test_the_table_itself_settles_alike(table: Table) -> None:
    delivery, [ann, bob] = unsure()
    for item in delivery.table.items.values():
        table.put(item)
    run = run_of(delivery)
    for store in (table, delivery.table):
        assert SettlementTable(store).settle(run, message(ann), LEFT)
        assert not SettlementTable(store).settle(run, message(ann), LEFT)
        assert SettlementTable(store).settle(run, message(bob), Result(FAILED, "no"))
    for (pk, sk), item in delivery.table.items.items():
        assert table.get({"pk": pk, "sk": sk}) == item
