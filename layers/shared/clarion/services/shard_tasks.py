"""What a run asks of its planned shards: wake the batches that wait, and send again to those whose message failed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from clarion.clock import moment, stamp
from clarion.domain.run import FAILED, RENDER_FAILED, Batch, BatchId, BatchState, Run, RunId, ShardProgress, TakenOver

RETRIED = (FAILED, RENDER_FAILED)
"""Outcomes that prove that nothing left; what is unknown or was refused for good is not tried again."""
_SECOND = timedelta(seconds=1)


class Runs(Protocol):
    def tasks_done(self, run_id: RunId, shard: int, **done: int) -> None: ...


class Ledger(Protocol):
    def get(self, batch_id: BatchId) -> Batch: ...
    def of_shard(self, run_id: RunId, shard: int) -> Iterator[Batch]: ...
    def save(self, seen: Batch, batch: Batch) -> Batch: ...
    def reopen(self, batch: Batch, run: Run, codes: Sequence[str], now: datetime) -> Batch | None: ...


class Queues(Protocol):
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...


class ShardTasks:
    """Repeating a task that was interrupted is harmless: what is done already is left alone."""

    def __init__(self, runs: Runs, ledger: Ledger, queues: Queues, clock: Callable[[], datetime]) -> None:
        self._runs, self._ledger, self._queues, self._clock = runs, ledger, queues, clock

    def go_on(self, run: Run, seen: ShardProgress) -> None:
        """Bring the shard's tasks to where the run wants them."""
        if seen.retried < run.retries:
            self._retry(run, seen.shard)
            self._runs.tasks_done(run.id, seen.shard, retried=run.retries, woken=run.wakes)
        elif seen.woken < run.wakes:
            self._wake(run, seen.shard)
            self._runs.tasks_done(run.id, seen.shard, woken=run.wakes)

    def _wake(self, run: Run, shard: int) -> None:
        now = self._clock()
        self._queues.send([batch.id for batch in self._ledger.of_shard(run.id, shard) if self._woken(run, batch, now)])

    def _woken(self, run: Run, batch: Batch, now: datetime) -> bool:
        """Put a batch back into the due index, whoever moves it meanwhile; whether it is to be queued at once.

        One that a worker holds is left to it: moved during a call, what the call led to could not be recorded.
        """
        while batch.state != BatchState.DONE:
            held = batch.lease_until > stamp(now)
            if held and batch.state != BatchState.PLANNED:
                return False
            waits = held and not run.plan.expired(moment(batch.due_at), now)
            until = batch.lease_until if waits else ""
            try:
                self._ledger.save(batch, replace(batch, lease_until=until, look_at=until or stamp(now + _SECOND)))
            except TakenOver:
                batch = self._ledger.get(batch.id)
            else:
                return not waits
        return False

    def _retry(self, run: Run, shard: int) -> None:
        batches = self._ledger.of_shard(run.id, shard)
        self._queues.send([batch.id for batch in batches if self._reopened(run, batch)])

    def _reopened(self, run: Run, batch: Batch) -> bool:
        """Open a batch again, whoever moves it meanwhile: what was unknown may be settled at any time."""
        while True:
            try:
                return self._ledger.reopen(batch, run, RETRIED, self._clock()) is not None
            except TakenOver:
                batch = self._ledger.get(batch.id)
