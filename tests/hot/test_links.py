from typing import Any

from clarion.hot.links import CAPACITY, LinkTables
from clarion.hot.table import HotTable
from clarion.hot.token import Ticket

TICKET = Ticket("01J8Z3K9X4M5N6P7Q8R9S0T1V2", "01J8Z3K9X4M5N6P7Q8R9S0T1V3", 1, "email", 0)


class LinkTableReads:
    """Answers every read with one link, or with nothing, and counts."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.missing = False

    def call(self, operation: str, payload: Any) -> dict[str, Any]:
        assert operation == "GetItem"
        self.keys.append(payload["Key"]["sk"]["S"])
        return {} if self.missing else {"Item": {"urls": {"L": [{"S": "https://example.com/"}]}}}


def test_a_link_table_is_read_once_for_each_run_and_step() -> None:
    reads = LinkTableReads()
    tables = LinkTables(HotTable(reads, "t"))
    for step, run in [("1", 1), ("1", 1), ("2", 1), ("1", 2), ("1", 1)]:
        assert tables.destination("k", step, TICKET._replace(run=run)) == "https://example.com/"
    assert reads.keys == ["LINKS#0001#1", "LINKS#0001#2", "LINKS#0002#1"]


def test_a_link_table_that_is_missing_is_asked_for_again() -> None:
    reads = LinkTableReads()
    tables = LinkTables(HotTable(reads, "t"))
    reads.missing = True
    assert tables.destination("k", "1", TICKET) is None
    reads.missing = False
    assert tables.destination("k", "1", TICKET) == "https://example.com/"


def test_a_worker_keeps_a_bounded_number_and_the_oldest_gives_way() -> None:
    reads = LinkTableReads()
    tables = LinkTables(HotTable(reads, "t"))
    for run in range(CAPACITY + 1):
        tables.destination("k", "1", TICKET._replace(run=run))
    assert len(tables._kept) == CAPACITY
    reads.keys.clear()
    tables.destination("k", "1", TICKET._replace(run=1))
    assert reads.keys == []
    tables.destination("k", "1", TICKET._replace(run=0))
    assert reads.keys == ["LINKS#0000#1"]
