"""A tick that has more to do than time: it keeps nothing waiting for ever, and dying leaves the rest to the next."""

import zoneinfo
from collections.abc import Sequence

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import Status
from clarion.domain.run import BatchId
from clarion.storage.due import DueTable
from tests.fakes.delivery import ORG, Delivery, campaign_details
from tests.fakes.world import Killed
from tests.services.timeline import Timeline


def with_lost_messages(people: int = 300) -> Delivery:
    """A run whose batches are due, and nothing of it is queued."""
    delivery = Delivery()
    delivery.people(people)
    delivery.launch()
    while delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    delivery.queue.waiting.clear()
    delivery.clock.go_on(minutes=4)
    return delivery


def test_a_tick_that_dies_has_queued_what_it_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.services.starting.RELEASED_AT_ONCE", 2)
    delivery = with_lost_messages()
    delivery.table.kill_at = delivery.table.calls + 6
    with pytest.raises(Killed):
        delivery.starter.tick()
    assert len(delivery.queue.waiting) == 4


def test_a_tick_without_time_leaves_batches_to_the_next_and_still_looks_after_runs_and_beats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clarion.services.starting.RELEASED_AT_ONCE", 2)
    delivery = with_lost_messages()
    released: list[BatchId] = []

    def slowly(batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None:
        released.extend(batch_ids)
        delivery.clock.go_on(seconds=16)

    monkeypatch.setattr(delivery.queue, "send", slowly)
    began = delivery.clock()
    assert delivery.starter.tick()["runs"] == 1
    assert len(released) == 4
    heartbeat = delivery.table.get(keys.heartbeat())
    assert heartbeat is not None
    assert heartbeat["at"] == stamp(began)
    delivery.clock.time = began
    delivery.starter.tick()
    assert len(set(released)) == len(released) == 8


def test_the_run_that_waits_longest_is_looked_after_first() -> None:
    delivery = Delivery()
    for n in range(6):
        delivery.service.create(ORG, f"01J{n:023d}", "u-owner", campaign_details(), Status.RUNNING)
        delivery.clock.go_on(seconds=1)
    delivery.clock.go_on(minutes=2)
    runs = [run.campaign for run in DueTable(delivery.table).due(delivery.clock()).runs]
    assert runs == sorted(runs)


def test_birthdays_in_forty_zones_fit_into_transactions() -> None:
    zones = sorted(zone for zone in zoneinfo.available_timezones() if zone.startswith("America/"))[:45]
    timeline = Timeline("2026-11-20T00:00:00Z")
    ids = [f"01J{n:023d}" for n in range(2000)]
    for zone, contact_id in zip(zones, [i for i in ids if keys.contact_shard(i) == 3], strict=False):
        born = {"birthday": "1990-11-21"}
        timeline.contacts.add(
            contact_id, timeline.clock(), email=f"{contact_id}@example.com", timezone=zone, attributes=born
        )
    timeline.create(type="milestone", milestone={"type": "date", "attribute": "birthday", "anniversary": True})
    timeline.until("2026-11-23T00:00:00Z")
    assert len(timeline.letters) == len(zones)
    assert timeline.crashes == 0
