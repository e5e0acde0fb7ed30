"""Places and entrances of journeys."""

from datetime import UTC, datetime

import pytest

from clarion import keys
from clarion.domain.entry import Place
from clarion.domain.run import RunId
from clarion.storage.entries import EntryTable
from clarion.storage.table import Table

RUN = RunId("acme", "k1", 1)
NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STAMP = "2026-11-21T09:00:00.000Z"


@pytest.fixture
def entries(table: Table) -> EntryTable:
    for org, contact, campaign, key in (
        ("acme", "ann", "k1", "0001"),
        ("acme", "ann", "k1", "0002"),
        ("acme", "ann", "k2", "2026"),
        ("acme", "bob", "k1", "0002"),
        ("globex", "cid", "k1", "0001"),
    ):
        place = {"run": int(key[-1]), "batch": "07#000012#00", "entered_at": STAMP}
        table.put({**keys.entry(org, contact, campaign, key), **place})
    return EntryTable(table)


def test_only_whoever_has_that_very_place_has_taken_it(entries: EntryTable) -> None:
    assert entries.taken(RUN, ["ann", "bob", "cid", "dan"], "0001") == {"ann"}
    assert entries.taken(RUN, ["ann", "bob", "cid"], "0002") == {"ann", "bob"}


def test_more_contacts_than_one_read_takes_are_looked_up(entries: EntryTable) -> None:
    assert entries.taken(RUN, [*(f"nobody-{n}" for n in range(250)), "ann", "ann"], "0001") == {"ann"}


def test_a_place_tells_where_it_is_and_since_when(entries: EntryTable, table: Table) -> None:
    assert entries.held(RUN, ["ann"], "0001") == {"ann": Place("0001", 1, "07#000012#00", NINE)}
    ended = {"ended_at": "2026-11-21T09:00:00.000Z", "outcome": "skipped.replied"}
    table.update(keys.entry("acme", "ann", "k1", "0001"), set=ended)
    assert entries.held(RUN, ["ann"], "0001")["ann"] == Place("0001", 1, "07#000012#00", NINE, NINE, "skipped.replied")


def test_a_contacts_places_come_in_order_and_of_one_journey_and_organisation(entries: EntryTable) -> None:
    assert [place.key for place in entries.places("acme", "k1", "ann")] == ["0001", "0002"]
    assert [place.key for place in entries.places("acme", "k2", "ann")] == ["2026"]
    assert entries.places("acme", "k", "ann") == []
    assert entries.places("globex", "k1", "ann") == []


def test_an_organisation_has_its_own_entrances(entries: EntryTable, table: Table) -> None:
    for org, campaign in (("acme", "k1"), ("acme", "k3"), ("globex", "k9")):
        table.put({**keys.entrance(org, campaign), "run": 1})
    assert entries.entrances("acme") == [RunId("acme", "k1", 1), RunId("acme", "k3", 1)]
    assert entries.entrances("nobody") == []
