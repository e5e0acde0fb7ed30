"""Signs of life: left now and then, never at the price of the work, read back as they were left."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.health import Counted, Overdue
from clarion.storage import health as storage_health
from clarion.storage.health import HealthTable, SignsOfLife
from clarion.storage.table import Table
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(params=["memory", "moto"])
def store(request: pytest.FixtureRequest) -> Table:
    return TableInMemory() if request.param == "memory" else request.getfixturevalue("table")


class RefusingTable(TableInMemory):
    """Refuses every write, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0

    def put(self, item: Any, *, if_absent: bool = False) -> None:
        self.refused += 1
        raise ConnectionError("nobody there")


def test_nothing_is_known_of_a_new_deployment(store: Table) -> None:
    signs = HealthTable(store)
    assert (signs.last_tick(), signs.counted(), signs.last_sent("acme")) == (None, None, {})
    assert signs.overdue(NOW) == Overdue(0, at_least=False, since=None)


def test_the_heartbeat_is_read_as_the_scheduler_left_it(store: Table) -> None:
    store.put({**keys.heartbeat(), "at": stamp(NOW)})
    assert HealthTable(store).last_tick() == NOW


def test_the_last_message_is_told_by_channel_and_organisation(store: Table) -> None:
    signs = SignsOfLife(store)
    signs.sent("acme", "email", NOW)
    signs.sent("acme", "sms", after(1))
    signs.sent("globex", "email", after(2))
    store.put({**keys.organisation_day_counters("acme", "2026-11-21", 0), "conversions": 1})
    assert HealthTable(store).last_sent("acme") == {"email": NOW, "sms": after(1)}
    assert HealthTable(store).last_sent("globex") == {"email": after(2)}


def test_a_worker_notes_a_channel_every_fifteen_seconds(store: Table) -> None:
    signs = SignsOfLife(store)
    for seconds in (0, 14.9):
        signs.sent("acme", "email", after(seconds))
    assert HealthTable(store).last_sent("acme") == {"email": NOW}
    signs.sent("acme", "email", after(15))
    assert HealthTable(store).last_sent("acme") == {"email": after(15)}


def test_the_newest_counted_event_is_noted_every_ten_seconds(store: Table) -> None:
    signs = SignsOfLife(store)
    signs.counted(after(-3), NOW)
    signs.counted(after(9), after(9.9))
    assert HealthTable(store).counted() == Counted(after(-3), NOW)
    signs.counted(after(9), after(10))
    assert HealthTable(store).counted() == Counted(after(9), after(10))


def test_a_sign_that_cannot_be_written_is_logged_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    table = RefusingTable()
    signs = SignsOfLife(table)
    with caplog.at_level(logging.WARNING):
        signs.sent("acme", "email", NOW)
        signs.counted(NOW, NOW)
    assert [record.getMessage() for record in caplog.records] == [
        "a sign of life was not written: ORG#acme#STATS / LAST_SENT#email",
        "a sign of life was not written: SCHEDULER / COUNTED",
    ]


def test_a_table_that_refuses_is_not_asked_again_at_once() -> None:
    table = RefusingTable()
    signs = SignsOfLife(table)
    for seconds in (0, 1, 2, 15):
        signs.sent("acme", "email", after(seconds))
    assert table.refused == 2


def test_a_worker_of_many_organisations_does_not_grow() -> None:
    signs = SignsOfLife(TableInMemory())
    for number in range(100):
        signs.sent(f"organisation {number}", "email", after(number))
    assert len(signs._left) == 15


def due(store: Table, number: int, at: datetime) -> None:
    index = {"due_pk": f"DUE#{number % keys.DUE_SHARDS}", "due_sk": f"{stamp(at)}#acme#{number}"}
    store.put({"pk": f"p{number}", "sk": "RUN", **index})


def test_entries_of_all_shards_whose_time_has_passed_are_overdue(store: Table) -> None:
    for number in range(2 * keys.DUE_SHARDS):
        due(store, number, after(-number))
    due(store, 1, after(60))
    latest = 2 * keys.DUE_SHARDS - 1
    assert HealthTable(store).overdue(NOW) == Overdue(latest, at_least=False, since=after(-latest))


def test_counting_ends_at_its_bound(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_health, "MOST_COUNTED", 2)
    for number in range(3):
        due(store, number * keys.DUE_SHARDS, after(-number))
    assert HealthTable(store).overdue(NOW) == Overdue(2, at_least=True, since=after(-2))
