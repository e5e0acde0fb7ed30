"""Due work in the sparse index ``due``: ``DUE#<0–3>`` / ``<time>#<org>#<campaign>``; and the scheduler's heartbeat."""

from collections.abc import Iterable
from datetime import datetime

from clarion import keys
from clarion.clock import stamp
from clarion.domain.run import RunId
from clarion.storage.table import Item, Table


class DueTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def due_campaigns(self, now: datetime) -> Iterable[tuple[str, str]]:
        """(organisation, campaign) of scheduled campaigns whose start has come."""
        for item in self._due(now):
            if item["sk"].startswith("CAMPAIGN#"):
                _, org, campaign = item["due_sk"].split("#")
                yield org, campaign

    def due_runs(self, now: datetime) -> Iterable[RunId]:
        """Running runs whose time to be looked after has come."""
        for item in self._due(now):
            if item["sk"] == "RUN":
                _, org, campaign = item["due_sk"].split("#")
                yield RunId(org, campaign, int(item["pk"].rsplit("#", 1)[1]))

    def beat(self, now: datetime) -> None:
        """``SCHEDULER / HEARTBEAT`` tells when the scheduler last ran."""
        self._table.put({**keys.heartbeat(), "at": stamp(now)})

    def _due(self, now: datetime) -> Iterable[Item]:
        for shard in range(keys.DUE_SHARDS):
            yield from self._table.query_due(f"DUE#{shard}", stamp(now))
