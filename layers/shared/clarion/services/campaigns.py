"""Campaigns as their users handle them: create, change, launch, pause, cancel, delete."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.audience import AudienceDefinition
from clarion.domain.campaign import Campaign, CampaignDetails, Status
from clarion.domain.errors import Conflict, NotFound, RuleBroken, Stale
from clarion.domain.run import Progress, Run, RunId, RunStatus

FIRST_STEP = "1"


class CampaignStore(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Campaign], dict[str, Any] | None]: ...
    def add(self, org_id: str, campaign: Campaign) -> Campaign: ...
    def replace(self, org_id: str, campaign: Campaign) -> Campaign: ...


class RunStore(Protocol):
    def launch(self, campaign: Campaign, run: Run, content: str, links: Sequence[str]) -> None: ...
    def finish(self, campaign: Campaign, run_id: RunId, status: RunStatus) -> None: ...
    def progress(self, run_id: RunId) -> Progress: ...


class Audiences(Protocol):
    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        """Raises NotFound."""


class CompiledTemplates(Protocol):
    def compiled(self, org_id: str, template_id: str) -> tuple[str, Sequence[str]]:
        """The template's newest version compiled for sending, and its link table. Raises NotFound."""


class PlanQueue(Protocol):
    def plan(self, run_id: RunId) -> None:
        """Ask for the planning of every contact shard of a run."""


class Channels(Protocol):
    def unavailable(self, channel: str) -> str | None:
        """Why nothing can be sent on a channel; None where it can."""

    def default_sender(self) -> str:
        """The deployment's sender address; empty where none is set."""

    def sender_refused(self, address: str) -> str | None:
        """Why no campaign may send from an address; None where it may."""


class CampaignService:
    """Everything here is a user's act; what the scheduler does by itself is in services/starting.py."""

    def __init__(
        self,
        store: CampaignStore,
        runs: RunStore,
        audiences: Audiences,
        templates: CompiledTemplates,
        queue: PlanQueue,
        channels: Channels,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._runs, self._audiences, self._templates = store, runs, audiences, templates
        self._queue, self._channels, self._clock = queue, channels, clock

    def create(
        self, org_id: str, campaign_id: str, owner: str, details: CampaignDetails, wanted: Status | None
    ) -> Campaign:
        """Keep a new campaign, and schedule or launch it at once when ``wanted`` says so.

        What cannot be launched is not kept either: the refusal names the field.
        """
        now = self._clock()
        fields = {name: getattr(details, name) for name in CampaignDetails.model_fields}
        draft = Campaign(id=campaign_id, owner=owner, created_at=now, updated_at=now, **fields)
        if wanted in (None, Status.DRAFT):
            return self._add(org_id, draft)
        if wanted not in (Status.RUNNING, Status.SCHEDULED):
            raise RuleBroken(f"a campaign cannot be created {wanted}", "body.status")
        if wanted == Status.SCHEDULED or draft.schedule is not None:
            return self._add(org_id, self._scheduled(org_id, draft))
        self._check(org_id, draft)
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
        now = self._clock()
        changed = campaign.changed(details, now)
        if wanted is None or wanted == campaign.status:
            if changed.status == Status.SCHEDULED:
                changed = self._scheduled(org_id, changed)
            return self._store.replace(org_id, changed)
        if wanted == Status.SCHEDULED:
            return self._store.replace(org_id, self._scheduled(org_id, changed))
        if wanted == Status.RUNNING and campaign.status in (Status.DRAFT, Status.SCHEDULED):
            if changed.schedule is not None and campaign.status == Status.DRAFT:
                return self._store.replace(org_id, self._scheduled(org_id, changed))
            return self._launch(org_id, changed)
        return self._move(org_id, changed, wanted)

    def launch(self, org_id: str, campaign_id: str, version: int | None = None) -> Campaign:
        """Start a draft or scheduled campaign now; one that already runs is left as it is."""
        campaign = self._seen(org_id, campaign_id, version)
        if campaign.status == Status.RUNNING:
            return campaign
        return self._launch(org_id, campaign)

    def launch_as_seen(self, org_id: str, campaign: Campaign) -> Campaign:
        """Launch the campaign if it still is that version; raises Stale."""
        return self._launch(org_id, campaign)

    def delete(self, org_id: str, campaign_id: str, version: int | None = None) -> None:
        """Delete softly; what it still had to send is cancelled. Deleting twice is no error."""
        campaign = self._seen(org_id, campaign_id, version)
        if campaign.state == "deleted":
            return
        deleted = campaign.deleted(self._clock())
        if campaign.status in (Status.RUNNING, Status.PAUSED):
            self._runs.finish(deleted, RunId(org_id, campaign.id, campaign.run), RunStatus.CANCELLED)
        else:
            self._store.replace(org_id, deleted)

    def progress(self, org_id: str, campaign: Campaign) -> Progress | None:
        """Where its latest run stands; None before the first."""
        return self._runs.progress(RunId(org_id, campaign.id, campaign.run)) if campaign.run else None

    def _seen(self, org_id: str, campaign_id: str, version: int | None) -> Campaign:
        campaign = self._store.get(org_id, campaign_id)
        if version is not None and version != campaign.version:
            raise Stale("campaign", campaign_id)
        return campaign

    def _move(self, org_id: str, campaign: Campaign, wanted: Status) -> Campaign:
        live = campaign.status in (Status.RUNNING, Status.PAUSED)
        moved = campaign.to(wanted, self._clock())
        if wanted in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.FAILED):
            raise RuleBroken(f"only the delivery itself makes a campaign {wanted.value}", "body.status")
        if not live:
            return self._store.replace(org_id, moved)
        run_id = RunId(org_id, campaign.id, campaign.run)
        self._runs.finish(moved, run_id, RunStatus(wanted.value))
        if wanted == Status.RUNNING:
            self._queue.plan(run_id)
        return self._store.get(org_id, campaign.id)

    def _scheduled(self, org_id: str, campaign: Campaign) -> Campaign:
        if campaign.schedule is None:
            raise RuleBroken("say when: schedule.startAt is missing", "body.schedule.startAt")
        now = self._clock()
        if campaign.schedule.start_at <= now:
            raise RuleBroken("startAt must be in the future", "body.schedule.startAt")
        self._check(org_id, campaign)
        return campaign.to(Status.SCHEDULED, now)

    def _check(self, org_id: str, campaign: Campaign) -> None:
        """Refuse what could not be sent, naming the field."""
        now = self._clock()
        if not campaign.channels:
            raise RuleBroken("choose a channel", "body.channels")
        for channel in campaign.channels:
            reason = self._channels.unavailable(channel)
            if reason:
                raise RuleBroken(reason, "body.channels")
        if campaign.audience is None and campaign.audience_id is None:
            raise RuleBroken("choose an audience: audienceId, or audience inline", "body.audienceId")
        if campaign.template_id is None:
            raise RuleBroken("choose a template", "body.templateId")
        if campaign.sender is None and not self._channels.default_sender():
            raise RuleBroken("say who sends: the deployment has no default sender", "body.sender")
        refused = self._channels.sender_refused(campaign.sender.email) if campaign.sender else None
        if refused:
            raise RuleBroken(refused, "body.sender.email")
        if campaign.schedule is not None and (campaign.schedule.end_at or now) < now:
            raise RuleBroken("endAt has passed", "body.schedule.endAt")
        self._definition(org_id, campaign)
        self._compiled(org_id, campaign.template_id)

    def _definition(self, org_id: str, campaign: Campaign) -> AudienceDefinition:
        if campaign.audience is not None:
            return campaign.audience
        try:
            return self._audiences.definition(org_id, campaign.audience_id or "")
        except NotFound as error:
            raise RuleBroken(str(error), "body.audienceId") from None

    def _compiled(self, org_id: str, template_id: str | None) -> tuple[str, Sequence[str]]:
        try:
            return self._templates.compiled(org_id, template_id or "")
        except NotFound as error:
            raise RuleBroken(str(error), "body.templateId") from None

    def _launch(self, org_id: str, campaign: Campaign) -> Campaign:
        now = self._clock()
        running = campaign.launched(now)
        self._check(org_id, campaign)
        content, links = self._compiled(org_id, campaign.template_id)
        run = Run(
            id=RunId(org_id, campaign.id, running.run),
            status=RunStatus.RUNNING,
            started_at=now,
            definition=self._definition(org_id, campaign).model_dump_json(by_alias=True),
            channel=campaign.channels[0],
            step=FIRST_STEP,
            sender=campaign.sender.email if campaign.sender else self._channels.default_sender(),
            sender_name=campaign.sender.name if campaign.sender else None,
            reply_to=campaign.sender.reply_to if campaign.sender else None,
            end_at=campaign.schedule.end_at if campaign.schedule else None,
        )
        self._runs.launch(running, run, content, links)
        self._queue.plan(run.id)
        return running.model_copy(update={"version": running.version + 1})

    def _add(self, org_id: str, campaign: Campaign) -> Campaign:
        try:
            return self._store.add(org_id, campaign)
        except Conflict:
            return self._store.get(org_id, campaign.id)
