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
