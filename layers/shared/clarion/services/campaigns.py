"""Campaigns as their users handle them: create, change, launch, pause, cancel, delete, retry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.campaign import ENDED, LIVE, Campaign, Status
from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.errors import Conflict, NotFound, RuleBroken, Stale
from clarion.domain.occurrences import Start, next_start, shown_runs
from clarion.domain.run import FAILED, RENDER_FAILED, Progress, Run, RunId, RunStatus, ZoneProgress
from clarion.services.launching import LaunchPreparation


class CampaignStore(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Campaign], dict[str, Any] | None]: ...
    def add(self, org_id: str, campaign: Campaign) -> Campaign: ...
    def replace(self, org_id: str, campaign: Campaign) -> Campaign: ...


class RunStore(Protocol):
    def keep_contents(self, org: str, campaign_id: str, contents: Mapping[str, str]) -> None: ...
    def launch(self, campaign: Campaign, runs: Sequence[tuple[Run, Mapping[str, Sequence[str]]]]) -> None: ...
    def move(self, org: str, campaign: Campaign, runs: Mapping[int, RunStatus]) -> None: ...
    def retry(self, campaign: Campaign, run_id: RunId) -> None: ...
    def progress(self, run_id: RunId) -> Progress: ...
    def zones(self, run_id: RunId) -> Sequence[ZoneProgress]: ...
    def get(self, run_id: RunId) -> Run: ...


class PlanQueue(Protocol):
    def plan(self, run_id: RunId) -> None:
        """Ask for the planning of every contact shard of a run."""


class Guards(Protocol):
    def baseline(self, org_id: str, campaign_id: str, now: datetime) -> dict[str, int]:
        """What was counted today already of sends, complaints and bounces."""


class CampaignService:
    """Everything here is a user's act; what the scheduler does by itself is in services/starting.py."""

    def __init__(
        self,
        store: CampaignStore,
        runs: RunStore,
        preparation: LaunchPreparation,
        queue: PlanQueue,
        guards: Guards,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._runs, self._preparation = store, runs, preparation
        self._queue, self._guards, self._clock = queue, guards, clock

    def create(
        self, org_id: str, campaign_id: str, owner: str, details: CampaignDetails, wanted: Status | None
    ) -> Campaign:
        """Keep a new campaign, and schedule or launch it at once when ``wanted`` says so.

        What cannot be launched is not kept either: the refusal names the field. Only where its channel is not
        connected it stays a draft, and ``status_reason`` says why.
        """
        now = self._clock()
        fields = {name: getattr(details, name) for name in CampaignDetails.model_fields}
        draft = Campaign(id=campaign_id, owner=owner, created_at=now, updated_at=now, **fields)
        if wanted in (None, Status.DRAFT):
            return self._add(org_id, draft)
        if wanted not in (Status.RUNNING, Status.SCHEDULED):
            raise RuleBroken(f"a campaign cannot be created {wanted}", "body.status")
        unconnected = self._preparation.unconnected(org_id, draft)
        if unconnected:
            return self._add(org_id, draft.model_copy(update={"status_reason": unconnected}))
        if wanted == Status.SCHEDULED or _has_its_times(draft):
            return self._add(org_id, self._scheduled(org_id, draft))
        self._preparation.check(org_id, draft, now)
        kept = self._add(org_id, draft)
        return self._launch(org_id, kept) if kept.status == Status.DRAFT else kept

    def get(self, org_id: str, campaign_id: str) -> Campaign:
        """Raises NotFound; deleted campaigns are found, saying so."""
        return self._store.get(org_id, campaign_id)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Campaign], dict[str, Any] | None]:
        """One page, newest first."""
        return self._store.list(org_id, limit, position)

    def update(
        self, org_id: str, campaign_id: str, details: CampaignDetails, wanted: Status | None, version: int | None
    ) -> Campaign:
        """Replace what a user says of the campaign and, when ``wanted`` differs, move it along."""
        campaign = self._seen(org_id, campaign_id, version)
        changed = campaign.changed(details, self._clock())
        if campaign.status in LIVE and changed.says_more_than(campaign):
            self._preparation.check(org_id, changed, self._clock())
        if wanted is None or wanted == campaign.status:
            if changed.status == Status.SCHEDULED:
                changed = self._scheduled(org_id, changed)
            return self._store.replace(org_id, changed)
        if wanted == Status.SCHEDULED:
            return self._store.replace(org_id, self._scheduled(org_id, changed))
        if wanted == Status.RUNNING and campaign.status in (Status.DRAFT, Status.SCHEDULED):
            if _has_its_times(changed) and (campaign.status == Status.DRAFT or changed.repeats):
                return self._store.replace(org_id, self._scheduled(org_id, changed))
            return self._launch(org_id, changed)
        return self._move(org_id, changed, wanted)

    def launch(self, org_id: str, campaign_id: str, version: int | None = None) -> Campaign:
        """Start a draft or scheduled campaign now; one that already runs is left as it is.

        A campaign that starts again and again is scheduled for its next time.
        """
        campaign = self._seen(org_id, campaign_id, version)
        if campaign.status == Status.RUNNING:
            return campaign
        if campaign.repeats and campaign.status in (Status.DRAFT, Status.SCHEDULED):
            return self._store.replace(org_id, self._scheduled(org_id, campaign))
        return self._launch(org_id, campaign)

    def launch_as_seen(self, org_id: str, campaign: Campaign, start: Start | None) -> Campaign:
        """Launch the campaign's next run for a start, if it still is that version; raises Stale."""
        return self._launch(org_id, campaign, start)

    def retry_failed(
        self, org_id: str, campaign_id: str, run: int | None = None, version: int | None = None
    ) -> Campaign:
        """Send a run (None: those of the last launch) once more to those whose message certainly never left, and to
        nobody else.

        Raises NotFound for a run there never was.
        """
        campaign = self._seen(org_id, campaign_id, version)
        if run is not None and not 1 <= run <= campaign.run:
            raise NotFound("run", str(run))
        now = self._clock()
        campaign.retrying(run or campaign.run, now)  # refuses what has nothing to retry
        numbers = campaign.latest_runs if run is None else (run,)
        failed = [run_id for number in numbers if self._failed(run_id := RunId(org_id, campaign.id, number))]
        if not failed:
            raise RuleBroken("nobody's message failed in that run")
        channels = [self._runs.get(run_id).channel for run_id in failed]
        self._preparation.check_channels(org_id, campaign, now, channels)
        for run_id in failed:
            self._runs.retry(campaign.retrying(run_id.run, now), run_id)
            self._queue.plan(run_id)
            campaign = self._store.get(org_id, campaign.id)
        return campaign

    def _failed(self, run_id: RunId) -> bool:
        outcomes = self._runs.progress(run_id).outcomes
        return any(outcomes.get(code) for code in (FAILED, RENDER_FAILED))

    def delete(self, org_id: str, campaign_id: str, version: int | None = None) -> None:
        """Delete softly; what it still had to send is cancelled. Deleting twice is no error."""
        campaign = self._seen(org_id, campaign_id, version)
        if campaign.state == "deleted":
            return
        deleted = campaign.deleted(self._clock())
        if campaign.status in LIVE:
            self._runs.move(org_id, deleted, dict.fromkeys(campaign.live, RunStatus.CANCELLED))
        else:
            self._store.replace(org_id, deleted)

    def next_runs(self, campaign: Campaign) -> Sequence[datetime]:
        """Its next starts, five at most, as the campaign's own clock has them; none of what is over."""
        over = campaign.state == "deleted" or campaign.status in ENDED
        return [] if over else shown_runs(campaign, self._clock())

    def progress(self, org_id: str, campaign: Campaign) -> Progress | None:
        """Where its last launch stands, all its channels together; None before the first."""
        runs = [self._runs.progress(RunId(org_id, campaign.id, number)) for number in campaign.latest_runs]
        return Progress.together(runs) if runs else None

    def zones(self, org_id: str, campaign: Campaign) -> Sequence[ZoneProgress]:
        """Where each zone of its last launch stands; none where all recipients share one start."""
        own_hours = campaign.daily or (campaign.schedule is not None and campaign.schedule.recipient_time)
        if not own_hours:
            return []
        return [
            zone for number in campaign.latest_runs for zone in self._runs.zones(RunId(org_id, campaign.id, number))
        ]

    def winner(self, org_id: str, campaign: Campaign) -> str | None:
        """The variant its latest run named the winner of its experiment; None where there is none yet."""
        if campaign.experiment is None or not campaign.run:
            return None
        return self._runs.get(RunId(org_id, campaign.id, campaign.run)).winner or None

    def _seen(self, org_id: str, campaign_id: str, version: int | None) -> Campaign:
        campaign = self._store.get(org_id, campaign_id)
        if version is not None and version != campaign.version:
            raise Stale("campaign", campaign_id)
        return campaign

    def _move(self, org_id: str, campaign: Campaign, wanted: Status) -> Campaign:
        now = self._clock()
        if wanted in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.FAILED):
            raise RuleBroken(f"only the delivery itself makes a campaign {wanted.value}", "body.status")
        moved = campaign.to(wanted, now)
        if campaign.status not in LIVE:
            return self._store.replace(org_id, moved)
        if wanted == Status.RUNNING:
            seen = {"guarded_since": now, "guard_baseline": self._guards.baseline(org_id, campaign.id, now)}
            moved = moved.awaiting(self._next(moved, now)).model_copy(update=seen).ended_if_idle(now)
        self._runs.move(org_id, moved, dict.fromkeys(campaign.live, RunStatus(wanted.value)))
        if wanted == Status.RUNNING:
            for run in campaign.live:
                self._queue.plan(RunId(org_id, campaign.id, run))
        return self._store.get(org_id, campaign.id)

    def _next(self, campaign: Campaign, now: datetime) -> Start | None:
        """What the scheduler does next with a running campaign: its next run, or closing a journey at its end."""
        if campaign.repeats:
            return next_start(campaign, now)
        end = campaign.schedule.end_at if campaign.schedule else None
        return Start(max(end, now)) if campaign.journey and end else None

    def _scheduled(self, org_id: str, campaign: Campaign) -> Campaign:
        now = self._clock()
        if campaign.repeats:
            self._preparation.check(org_id, campaign, now)
            start = next_start(campaign, now)
            if start is None:
                raise RuleBroken("it would never run: no occurrence comes before its end", "body.recurring.cron")
        else:
            if campaign.schedule is None or campaign.schedule.start_at is None:
                raise RuleBroken("say when: schedule.startAt is missing", "body.schedule.startAt")
            start = next_start(campaign, now)
            if start is None:
                raise RuleBroken("startAt must be in the future", "body.schedule.startAt")
            self._preparation.check(org_id, campaign, now)
        return campaign.to(Status.SCHEDULED, now).awaiting(start)

    def _launch(self, org_id: str, campaign: Campaign, start: Start | None = None) -> Campaign:
        now = self._clock()
        running = campaign.launched(now, runs=len(campaign.channels))
        running = running.awaiting(self._next(running, now))
        prepared = self._preparation.prepare(org_id, campaign, start, now)
        for each in prepared:
            self._runs.keep_contents(org_id, campaign.id, each.contents)
        self._runs.launch(running, [(each.run, each.links) for each in prepared])
        for each in prepared:
            self._queue.plan(each.run.id)
        return running.model_copy(update={"version": running.version + 1})

    def _add(self, org_id: str, campaign: Campaign) -> Campaign:
        try:
            return self._store.add(org_id, campaign)
        except Conflict:
            return self._store.get(org_id, campaign.id)


def _has_its_times(campaign: Campaign) -> bool:
    """Whether the scheduler starts it, rather than its user now."""
    return campaign.repeats or (campaign.schedule is not None and campaign.schedule.start_at is not None)
