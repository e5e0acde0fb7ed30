"""The tick: start what is due, and pick up what a lost worker or queue message left lying."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from clarion.clock import stamp
from clarion.domain.campaign import Campaign, Status
from clarion.domain.errors import DomainError, Stale
from clarion.domain.run import Batch, BatchId, Run, RunId, RunStatus, ShardProgress, TakenOver

SWEEP_EVERY = timedelta(minutes=1)
MOST_REQUEUED = 2_000  # batches queued again in one tick: 200 calls of SQS

log = logging.getLogger(__name__)


class DueWork(Protocol):
    def due_campaigns(self, now: datetime) -> Iterable[tuple[str, str]]:
        """(organisation, campaign) of scheduled campaigns whose start has come."""

    def due_runs(self, now: datetime) -> Iterable[RunId]:
        """Running runs that nobody looked after for a while."""

    def beat(self, now: datetime) -> None:
        """Leave a sign of life."""


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...
    def replace(self, org_id: str, campaign: Campaign) -> Campaign: ...


class Launcher(Protocol):
    def launch_as_seen(self, org_id: str, campaign: Campaign) -> Campaign:
        """Raises Stale when the campaign is not that version any more."""


class Ledger(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def shards(self, run_id: RunId) -> list[ShardProgress]: ...
    def batches(self, run_id: RunId, shard: int) -> Iterator[Batch]: ...
    def postpone(self, run_id: RunId, until: datetime, swept_done: int) -> None: ...


class Queues(Protocol):
    def plan(self, run_id: RunId) -> None: ...
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool: ...


class StartService:
    def __init__(
        self,
        due: DueWork,
        campaigns: Campaigns,
        launcher: Launcher,
        ledger: Ledger,
        queues: Queues,
        completion: Completion,
        clock: Callable[[], datetime],
    ) -> None:
        self._due, self._campaigns, self._launcher = due, campaigns, launcher
        self._ledger, self._queues, self._completion, self._clock = ledger, queues, completion, clock

    def tick(self) -> dict[str, int]:
        """Everything that is due by now, once; the numbers of what was done, for the log.

        What goes wrong with one campaign or run is logged and left for the next tick; the others are not kept waiting.
        """
        now = self._clock()
        counts = Counter(started=0, failed=0, requeued=0, errors=0)
        for org, campaign in self._due.due_campaigns(now):
            with self._kept_apart(counts, f"{org}/{campaign}"):
                counts[self._start(org, campaign)] += 1
        for run_id in self._due.due_runs(now):
            with self._kept_apart(counts, f"{run_id.org}/{run_id.campaign}/{run_id.run}"):
                counts["requeued"] += self._sweep(run_id, now, MOST_REQUEUED - counts["requeued"])
        self._due.beat(now)
        return dict(counts)

    @contextmanager
    def _kept_apart(self, counts: Counter[str], name: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            counts["errors"] += 1
            log.exception("the tick left %s for the next one", name)

    def _start(self, org_id: str, campaign_id: str) -> str:
        """Launch a scheduled campaign; what cannot be launched any more fails, saying why.

        The index lags behind the table, so the campaign itself says whether its time has come; and the very version
        that said so is launched, so that nothing its owner changed meanwhile is overridden.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        if campaign.status != Status.SCHEDULED or campaign.schedule is None:
            return "not_due"
        if campaign.schedule.start_at > self._clock():
            return "not_due"
        try:
            self._launcher.launch_as_seen(org_id, campaign)
        except Stale:
            return "not_due"
        except DomainError as error:
            with suppress(Stale):
                self._campaigns.replace(org_id, campaign.to(Status.FAILED, self._clock(), str(error)))
            return "failed"
        return "started"

    def _sweep(self, run_id: RunId, now: datetime, most: int) -> int:
        """Look after one run: settle it, or queue again what nobody works on; the number of batches queued.

        The ledger is read only when no batch was finished since the last look, so a busy run costs one Query a minute.
        """
        run = self._ledger.get(run_id)
        if run.status != RunStatus.RUNNING or self._completion.settle(run):
            return 0
        shards = self._ledger.shards(run_id)
        done = sum(shard.batches_done for shard in shards)
        try:
            self._ledger.postpone(run_id, now + SWEEP_EVERY, done)
        except TakenOver:
            return 0
        if done != run.swept_done:
            return 0
        self._queues.plan(run_id)
        waiting = (batch.id for shard in shards for batch in self._abandoned(run_id, shard, now))
        abandoned = list(islice(waiting, max(most, 0)))
        self._queues.send(abandoned)
        return len(abandoned)

    def _abandoned(self, run_id: RunId, shard: ShardProgress, now: datetime) -> Iterator[Batch]:
        if shard.batches_done < shard.batches:
            yield from (batch for batch in self._ledger.batches(run_id, shard.shard) if batch.free(stamp(now)))
