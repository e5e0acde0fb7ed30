"""Due work in the sparse index ``due``: ``DUE#<0–7>`` / ``<time>#<org>#<name>#<looks>``; the scheduler's heartbeat.

Campaigns to start, runs to look after, batches whose time has come: the index knows their keys alone.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from clarion import keys
from clarion.clock import stamp
from clarion.domain.due import Due, DueBatch
from clarion.domain.run import FIRST_LOOK, RunId
from clarion.storage.run_rows import batch_id_of
from clarion.storage.table import ConditionFailed, Item, Table

MOST_LOOKS = 4  # then every 48 minutes


class DueTable:
    """``workers`` threads write at once where many batches are due."""

    def __init__(self, table: Table, workers: int = 1) -> None:
        self._table, self._workers = table, workers

    def due(self, now: datetime) -> Due:
        """Everything whose time has come by ``now``, oldest first: whatever one tick has no time for is next."""
        items = [item for n in range(keys.DUE_SHARDS) for item in self._table.query_due(f"DUE#{n}", stamp(now))]
        found = Due()
        for item in sorted(items, key=lambda item: str(item["due_sk"])):
            _sort_in(found, item)
        return found

    def look_again(self, batches: Sequence[DueBatch], now: datetime) -> list[DueBatch]:
        """Put the batches off to their next look, each time twice as long; those that no other tick had put off."""
        with ThreadPoolExecutor(self._workers) as pool:
            mine = list(pool.map(lambda batch: self._put_off(batch, now), batches))
        return [batch for batch, put_off in zip(batches, mine, strict=True) if put_off]

    def beat(self, now: datetime) -> None:
        """``SCHEDULER / HEARTBEAT`` tells when the scheduler last ran."""
        self._table.put({**keys.heartbeat(), "at": stamp(now)})

    def _put_off(self, batch: DueBatch, now: datetime) -> bool:
        run = batch.id.run
        until = stamp(now + FIRST_LOOK * 2 ** min(batch.looks, MOST_LOOKS))
        _, org, name, _ = batch.due_sk.split("#")
        due_sk = f"{until}#{org}#{name}#{batch.looks + 1}"
        key = keys.batch(run.org, run.campaign, run.run, batch.id.shard, batch.id.sequence, batch.id.step)
        try:
            self._table.update(key, set={"due_sk": due_sk}, condition="due_sk = :seen", values={":seen": batch.due_sk})
        except ConditionFailed:
            return False
        return True


def _sort_in(found: Due, item: Item) -> None:
    pk, sk = item["pk"].split("#"), item["sk"]
    if sk.startswith("CAMPAIGN#"):
        found.campaigns.append((pk[1], sk.removeprefix("CAMPAIGN#")))
        return
    run_id = RunId(pk[1], pk[3], int(pk[5]))
    if sk == "RUN":
        found.runs.append(run_id)
    else:
        looks = int(item["due_sk"].rsplit("#", 1)[1])
        found.batches.append(DueBatch(batch_id_of(run_id, sk), looks, item["due_pk"], item["due_sk"]))
