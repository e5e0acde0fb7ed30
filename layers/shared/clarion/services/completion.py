"""Honest completion: a run ends when everybody in its audience has an outcome, and not before."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from clarion.domain.campaign import Campaign, Status
from clarion.domain.errors import Stale
from clarion.domain.run import Progress, Run, RunId, RunStatus

_ATTEMPTS = 5


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Runs(Protocol):
    def progress(self, run_id: RunId) -> Progress: ...
    def finish(self, campaign: Campaign, run_id: RunId, status: RunStatus) -> None: ...


class CompletionService:
    def __init__(self, campaigns: Campaigns, runs: Runs, clock: Callable[[], datetime]) -> None:
        self._campaigns, self._runs, self._clock = campaigns, runs, clock

    def settle(self, run: Run) -> bool:
        """Complete run and campaign when the counts add up to the audience; True when they are complete now."""
        progress = self._runs.progress(run.id)
        if not progress.complete:
            return False
        status = Status.COMPLETED if progress.flawless else Status.COMPLETED_WITH_FAILURES
        self._move(run.id, status, RunStatus.COMPLETED, None)
        return True

    def pause(self, run_id: RunId, reason: str) -> None:
        """Pause a running campaign, telling its owner why; nobody's message is lost by it."""
        self._move(run_id, Status.PAUSED, RunStatus.PAUSED, reason)

    def _move(self, run_id: RunId, status: Status, run_status: RunStatus, reason: str | None) -> None:
        for attempt in range(_ATTEMPTS):
            campaign = self._campaigns.get(run_id.org, run_id.campaign)
            if campaign.status != Status.RUNNING or campaign.run != run_id.run:
                return
            try:
                self._runs.finish(campaign.to(status, self._clock(), reason), run_id, run_status)
            except Stale:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return
