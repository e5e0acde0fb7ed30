"""Campaigns in the public API."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import Field

from clarion.domain.advertisement import Advertisement
from clarion.domain.campaign import Campaign, Status
from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.experiment import Experiment
from clarion.domain.journey import ExitReason, Goal, Milestone, Reentry, Step
from clarion.domain.model import Model
from clarion.domain.run import FAILED, REJECTED, RENDER_FAILED, SENT, UNKNOWN, Progress, ZoneProgress
from clarion.domain.social_post import SocialPost
from clarion.domain.timing import Recurring, SendWindow
from clarion.schemas.recipients import RunNumber

_SKIPPED = "skipped."


class CreateCampaignRequest(CampaignDetails):
    """``status: "running"`` without a schedule launches at once; with a schedule it starts at ``schedule.startAt``."""

    status: Status | None = None

    def details(self) -> CampaignDetails:
        """What the user says of the campaign, without the status asked for."""
        return CampaignDetails.model_construct(**{name: getattr(self, name) for name in CampaignDetails.model_fields})


class UpdateCampaignRequest(CreateCampaignRequest):
    """The whole campaign; ``status`` moves it (``paused``, ``running``, ``cancelled`` …).

    ``version`` is the one you read: a campaign that changed meanwhile is not overwritten.
    """

    version: int | None = Field(default=None, ge=0)


class RetryQuery(Model):
    """Which run is sent again."""

    run: RunNumber | None = Field(
        default=None, description="Number of the run; those of the last launch where none is given."
    )


class RecipientsView(Model):
    """Where the last launch stands, all its channels together.

    Sent, skipped, failed and unknown add up to the audience when it is complete.
    """

    audience: int
    pending: int
    sent: int
    skipped: dict[str, int]
    failed: int
    rejected: int
    render_failed: int
    unknown: int
    planned: bool

    @classmethod
    def of(cls, progress: Progress) -> "RecipientsView":
        outcomes = progress.outcomes
        return cls(
            audience=progress.audience,
            pending=progress.audience - sum(outcomes.values()),
            sent=outcomes.get(SENT, 0),
            skipped={code[len(_SKIPPED) :]: n for code, n in sorted(outcomes.items()) if code.startswith(_SKIPPED)},
            failed=outcomes.get(FAILED, 0),
            rejected=outcomes.get(REJECTED, 0),
            render_failed=outcomes.get(RENDER_FAILED, 0),
            unknown=outcomes.get(UNKNOWN, 0),
            planned=progress.planned,
        )


class BudgetView(Model):
    """``amount`` is an exact decimal, as text."""

    amount: Decimal
    currency: str


class ScheduleView(Model):
    """Times carry the offset of ``timezone`` at that moment."""

    start_at: datetime | None
    end_at: datetime | None
    timezone: str
    recipient_time: bool
    past_zones: str


class SenderView(Model):
    """Who the mails come from."""

    email: str
    name: str | None
    reply_to: str | None


class CampaignSummaryView(Model):
    """A campaign in a list: without its inline audience, which may be large."""

    id: str
    name: str
    description: str | None
    type: str
    brand: str | None
    budget: BudgetView | None
    owner: str
    channels: list[str]
    audience_id: str | None
    template_id: str | None
    sender: SenderView | None
    social: SocialPost | None
    ads: Advertisement | None
    schedule: ScheduleView | None
    recurring: Recurring | None
    expire_after: timedelta | None
    send_window: SendWindow | None
    ignore_frequency_caps: bool
    hold_out: float
    experiment: Experiment | None
    steps: tuple[Step, ...]
    milestone: Milestone | None
    goal: Goal | None
    exit_on: tuple[ExitReason, ...]
    reentry: Reentry | None
    status: Status
    status_reason: str | None
    state: str
    run: int = Field(description="The latest run's number.")
    latest_runs: tuple[int, ...] = Field(description="Runs of the last launch, one for each channel, in their order.")
    live_runs: tuple[int, ...] = Field(description="Runs that still go on.")
    missed: int = Field(description="Starts that did not run, since nothing looked after them in time.")
    next_at: datetime | None = Field(description="When the scheduler has something to do with it.")
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    completed_at: datetime | None
    version: int

    @classmethod
    def summary_of(cls, campaign: Campaign) -> "CampaignSummaryView":
        return cls.model_validate(_fields(campaign))


class ZoneView(Model):
    """One time zone of a run at the recipients' own hour."""

    timezone: str
    due_at: datetime
    audience: int
    fallback: int = Field(description="Of the audience, those who are here for want of a (valid) zone of their own.")
    done: int
    sent: int

    @classmethod
    def all_of(cls, zones: Iterable[ZoneProgress]) -> list["ZoneView"]:
        """Each zone's rows, one per contact shard, added up; in the order of their hours."""
        rows: dict[tuple[datetime, str], Counter[str]] = {}
        for zone in zones:
            counts = {name: getattr(zone, name) for name in ("audience", "fallback", "done", "sent")}
            rows.setdefault((zone.due_at, zone.zone), Counter()).update(counts)
        return [cls(timezone=zone, due_at=due, **counts) for (due, zone), counts in sorted(rows.items())]


class CampaignView(CampaignSummaryView):
    """A campaign; ``recipients``, ``zones`` and ``winner`` (of its last launch) come when one campaign is asked for.

    ``next_runs`` are its next starts, five at most, as the campaign's own clock has them.
    """

    audience: dict[str, Any] | None
    next_runs: list[datetime]
    recipients: RecipientsView | None = None
    zones: list[ZoneView] = Field(default_factory=list)
    winner: str | None = None

    @classmethod
    def of(
        cls,
        campaign: Campaign,
        next_runs: Sequence[datetime],
        *,
        progress: Progress | None = None,
        zones: Iterable[ZoneProgress] = (),
        winner: str | None = None,
    ) -> "CampaignView":
        audience = campaign.audience.model_dump(mode="json", by_alias=True) if campaign.audience else None
        return cls.model_validate(
            {
                **_fields(campaign),
                "audience": audience,
                "next_runs": next_runs,
                "recipients": RecipientsView.of(progress) if progress else None,
                "zones": ZoneView.all_of(zones),
                "winner": winner,
            }
        )


def _fields(campaign: Campaign) -> dict[str, Any]:
    hidden = {"audience", "latest", "live", "next_wall", "flawed", "guarded_since", "guard_baseline"}
    return campaign.model_dump(exclude=hidden) | {"latest_runs": campaign.latest_runs, "live_runs": campaign.live}
