"""The tick: start what is due, and pick up what a lost worker or queue message left lying."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from clarion.clock import moment
from clarion.domain.campaign import Campaign, Status
from clarion.domain.errors import DomainError, NotFound, RuleBroken, Stale
from clarion.domain.run import Batch, BatchId, BatchState, Run, RunId, RunStatus, ShardProgress, TakenOver

SWEEP_EVERY = timedelta(minutes=1)


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
    def launch(self, org_id: str, campaign_id: str) -> Campaign: ...


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
        """Everything that is due by now, once; the numbers of what was done, for the log."""
        now = self._clock()
        started = [self._start(org, campaign) for org, campaign in self._due.due_campaigns(now)]
        swept = [self._sweep(run_id, now) for run_id in self._due.due_runs(now)]
        self._due.beat(now)
        return {"started": sum(started), "failed": len(started) - sum(started), "requeued": sum(swept)}

    def _start(self, org_id: str, campaign_id: str) -> bool:
        """Launch a scheduled campaign; what cannot be launched any more fails, saying why.

        The index lags behind the table, so the campaign itself says whether its time has come.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        if campaign.status != Status.SCHEDULED or campaign.schedule is None:
            return False
        if campaign.schedule.start_at > self._clock():
            return False
        try:
            self._launcher.launch(org_id, campaign_id)
        except (Stale, NotFound):
            return False
        except DomainError as error:
            self._fail(org_id, campaign_id, str(error))
            return False
        return True

    def _fail(self, org_id: str, campaign_id: str, reason: str) -> None:
        campaign = self._campaigns.get(org_id, campaign_id)
        try:
            self._campaigns.replace(org_id, campaign.to(Status.FAILED, self._clock(), reason))
        except (Stale, RuleBroken):
            return  # somebody changed it this very moment; the next tick looks again

    def _sweep(self, run_id: RunId, now: datetime) -> int:
        """Look after one run: settle it, or queue again what nobody works on; the number of batches queued.

        The ledger is read only when no batch was finished since the last look, so a busy run costs one Query a minute.
        """
        run = self._ledger.get(run_id)
        if run.status != RunStatus.RUNNING or self._completion.settle(run):
            return 0
        shards = self._ledger.shards(run_id)
        done = sum(shard.batches_done for shard in shards)
        idle = done == run.swept_done
        abandoned = [batch.id for shard in shards for batch in self._abandoned(run_id, shard, now)] if idle else []
        if idle:
            self._queues.plan(run_id)
            self._queues.send(abandoned)
        try:
            self._ledger.postpone(run_id, now + SWEEP_EVERY, done)
        except TakenOver:
            return 0
        return len(abandoned)

    def _abandoned(self, run_id: RunId, shard: ShardProgress, now: datetime) -> Iterator[Batch]:
        if shard.batches_done == shard.batches:
            return
        for batch in self._ledger.batches(run_id, shard.shard):
            waiting = batch.state == BatchState.PLANNED
            lost = batch.state in (BatchState.CLAIMED, BatchState.CALLING) and moment(batch.lease_until) <= now
            if waiting or lost:
                yield batch
