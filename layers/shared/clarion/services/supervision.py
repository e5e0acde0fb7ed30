"""Looking after a run that goes on: complete it, plan on, name a winner, pause it when it does harm."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol
from zlib import crc32

from clarion.clock import stamp
from clarion.domain.campaign import Campaign
from clarion.domain.experiment import Experiment
from clarion.domain.run import Run, RunId, RunStatus, ShardProgress, TakenOver
from clarion.domain.sending_rules import Guard, SendingRules
from clarion.keys import CONTACT_SHARDS

SWEEP_EVERY = timedelta(minutes=1)
LOOKING_MINUTES = 3  # a tick may be late, or lost


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def shards(self, run_id: RunId) -> list[ShardProgress]: ...
    def postpone(self, run_id: RunId, until: datetime, sign: str) -> None: ...
    def decide(self, run_id: RunId, winner: str, now: datetime) -> None: ...


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Queues(Protocol):
    def plan_shard(self, run_id: RunId, shard: int) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool: ...
    def pause(self, run_id: RunId, reason: str) -> None: ...


class Looks(Protocol):
    def look(self, run_id: RunId) -> None:
        """Ask for a look at all contacts: who may enter the journey once more?"""


class Experiments(Protocol):
    def decide(
        self, org_id: str, campaign_id: str, channel: str, step: str, experiment: Experiment, since: str
    ) -> str: ...


class Guards(Protocol):
    def breach(
        self,
        org_id: str,
        campaign_id: str,
        guard: Guard,
        now: datetime,
        since: datetime | None,
        baseline: Mapping[str, int],
    ) -> tuple[str | None, Mapping[str, int]]: ...


class Rules(Protocol):
    def get(self, org_id: str) -> SendingRules: ...


class Supervision:
    def __init__(
        self,
        runs: Runs,
        campaigns: Campaigns,
        queues: Queues,
        looks: Looks,
        completion: Completion,
        experiments: Experiments,
        guards: Guards,
        rules: Rules,
    ) -> None:
        self._runs, self._campaigns, self._queues, self._looks = runs, campaigns, queues, looks
        self._completion = completion
        self._experiments, self._guards, self._rules = experiments, guards, rules

    def look_after(self, run_id: RunId, now: datetime) -> None:
        """One look, once a minute; a run that ended or was taken over needs none."""
        run = self._runs.get(run_id)
        if run.status != RunStatus.RUNNING:
            return
        shards = self._runs.shards(run_id)
        sign = f"{sum(shard.sequence for shard in shards)}.{sum(shard.batches_done for shard in shards)}"
        try:
            self._runs.postpone(run_id, now + SWEEP_EVERY, sign)
            self._decide(run, now)
        except TakenOver:
            return
        if self._completion.settle(run) or self._paused(run, now):
            return
        if sign == run.sign:
            self._plan_on(run, shards)
        if run.open and run.plan.reentry and run.id.run == 1 and _daily(run, now):
            self._looks.look(run.id)

    def _plan_on(self, run: Run, shards: list[ShardProgress]) -> None:
        """Nothing moved since the last look: a planner's message may be lost."""
        idle = {shard.shard for shard in shards if shard.idle(run)}
        for shard in range(CONTACT_SHARDS):
            if shard not in idle:
                self._queues.plan_shard(run.id, shard)

    def _decide(self, run: Run, now: datetime) -> None:
        plan = run.plan
        if plan.experiment is None or run.winner or plan.decide_at is None or now < plan.decide_at:
            return
        since = stamp(plan.begins)[:10]
        winner = self._experiments.decide(
            run.id.org, run.id.campaign, plan.channel, plan.steps[0].id, plan.experiment, since
        )
        self._runs.decide(run.id, winner, now)

    def _paused(self, run: Run, now: datetime) -> bool:
        guard = self._rules.get(run.id.org).guard
        if not guard.enabled:
            return False
        campaign = self._campaigns.get(run.id.org, run.id.campaign)
        reason, _ = self._guards.breach(
            run.id.org, run.id.campaign, guard, now, campaign.guarded_since, campaign.guard_baseline
        )
        if reason:
            self._completion.pause(run.id, reason)
        return bool(reason)


def _daily(run: Run, now: datetime) -> bool:
    """In a few minutes of each day, at an hour that differs by campaign. More than one look does no harm."""
    return now.hour == crc32(run.id.campaign.encode()) % 24 and now.minute < LOOKING_MINUTES
