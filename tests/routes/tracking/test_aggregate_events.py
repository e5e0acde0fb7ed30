"""The stream's function on the real table."""

from typing import Any

import pytest

from clarion import keys, wiring
from clarion.storage.table import Table
from tests.routes.conftest import load_handler
from tests.services.stream import record

MESSAGE = keys.message("acme", "ann", "k", 1, "1", "email")


@pytest.fixture
def handler(table: Table) -> Any:
    wiring.aggregation.cache_clear()
    table.put({**MESSAGE, "state": "claimed"})
    return load_handler("tracking", "aggregate_events")


def opened(number: int, **more: Any) -> dict[str, Any]:
    at = f"2026-11-21T09:00:0{number}.000Z"
    item = {
        **keys.event("acme", "ann", at, str(number)),
        "kind": "open",
        "at": at,
        "method": "GET",
        "msg": MESSAGE["sk"],
    }
    return record({**item, "ua": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"} | more, number)


def opens(table: Table) -> int:
    rows = table.query_all("ORG#acme#CAMPAIGN#k", "STAT#")
    return sum(int(row["email.1.opens_human"]) for row in rows)


def test_a_batch_delivered_twice_counts_once(handler: Any, table: Table) -> None:
    for _ in range(2):
        assert handler({"Records": [opened(1), opened(2)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 2


def test_a_broken_record_is_given_back_and_the_rest_is_counted(handler: Any, table: Table) -> None:
    answer = handler({"Records": [opened(1), opened(2, kind="frown"), opened(3)]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert opens(table) == 2


def written(change: dict[str, Any], at: Any) -> dict[str, Any]:
    """The record as Lambda gives it: with the time at which its item was written."""
    return {**change, "dynamodb": {**change["dynamodb"], "ApproximateCreationDateTime": at}}


def test_the_newest_event_counted_is_noted(handler: Any, table: Table) -> None:
    handler({"Records": [written(opened(1), 1763715600.0), written(opened(2), 1763715660), opened(3)]}, None)
    noted = table.get(keys.counted())
    assert noted is not None
    assert noted["event_at"] == "2025-11-21T09:01:00.000Z"
    assert noted["at"] > noted["event_at"]


@pytest.mark.parametrize("at", [None, "2025-11-21T09:00:00Z"])
def test_records_fed_in_by_hand_are_counted_and_note_nothing(handler: Any, table: Table, at: Any) -> None:
    assert handler({"Records": [written(opened(1), at)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 1
    assert table.get(keys.counted()) is None


def test_a_batch_of_which_nothing_can_be_counted_notes_nothing(handler: Any, table: Table) -> None:
    handler({"Records": [written(opened(1, kind="frown"), 1763715600)]}, None)
    assert table.get(keys.counted()) is None
