"""Honest completion: a run ends when everybody in its audience has an outcome, and not before."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from clarion.domain.campaign import Campaign, Status
from clarion.domain.errors import Stale
from clarion.domain.run import Progress, Run, RunId, RunStatus
from clarion.services.stale import try_again


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def progress(self, run_id: RunId) -> Progress: ...
    def move(self, org: str, campaign: Campaign, runs: dict[int, RunStatus]) -> None: ...


class CompletionService:
    def __init__(self, campaigns: Campaigns, runs: Runs, clock: Callable[[], datetime]) -> None:
        self._campaigns, self._runs, self._clock = campaigns, runs, clock

    def settle(self, run: Run) -> bool:
        """Complete the run when the counts add up to the audience, and its campaign with the last run.

        True when the run is complete now. A journey that contacts may still enter never is, nor is an experiment before
        its winner is named.
        """
        if not self._complete(run.id):
            return False

        def complete(campaign: Campaign) -> None:
            # The campaign was read first: whatever sets the run going again changes it, and is noticed by that.
            progress = self._complete(run.id)
            if progress and campaign.status == Status.RUNNING and run.id.run in campaign.live:
                rest = campaign.without(run.id.run, self._clock(), flawless=progress.flawless)
                self._runs.move(run.id.org, rest, {run.id.run: RunStatus.COMPLETED})

        self._change(run.id, complete)
        return True

    def _complete(self, run_id: RunId) -> Progress | None:
        """The run's progress where it is complete."""
        run, progress = self._runs.get(run_id), self._runs.progress(run_id)
        undecided = run.plan.experiment is not None and not run.winner
        if run.open or undecided or not progress.complete or progress.retried < run.retries:
            return None
        return progress

    def pause(self, run_id: RunId, reason: str) -> None:
        """Pause a running campaign with all its runs, telling its owner why; nobody's message is lost by it."""

        def pause(campaign: Campaign) -> None:
            if campaign.status == Status.RUNNING and run_id.run in campaign.live:
                paused = campaign.to(Status.PAUSED, self._clock(), reason)
                self._runs.move(run_id.org, paused, dict.fromkeys(campaign.live, RunStatus.PAUSED))

        self._change(run_id, pause)

    def _change(self, run_id: RunId, change: Callable[[Campaign], None]) -> None:
        try_again(lambda: change(self._campaigns.get(run_id.org, run_id.campaign)), Stale)
