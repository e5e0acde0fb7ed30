"""Campaigns in the public API."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from clarion.domain.campaign import Campaign, CampaignDetails, Status
from clarion.domain.model import Model
from clarion.domain.run import FAILED, REJECTED, RENDER_FAILED, SENT, UNKNOWN, Progress

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


class RecipientsView(Model):
    """Where the latest run stands: sent, skipped, failed and unknown add up to the audience when it is complete."""

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

    start_at: datetime
    end_at: datetime | None
    timezone: str


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
    schedule: ScheduleView | None
    status: Status
    status_reason: str | None
    state: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    completed_at: datetime | None
    version: int

    @classmethod
    def summary_of(cls, campaign: Campaign) -> "CampaignSummaryView":
        return cls.model_validate(_fields(campaign))


class CampaignView(CampaignSummaryView):
    """A campaign; ``recipients`` (its latest run) is given when one campaign is asked for."""

    audience: dict[str, Any] | None
    recipients: RecipientsView | None = None

    @classmethod
    def of(cls, campaign: Campaign, progress: Progress | None = None) -> "CampaignView":
        audience = campaign.audience.model_dump(mode="json", by_alias=True) if campaign.audience else None
        recipients = RecipientsView.of(progress) if progress else None
        return cls.model_validate({**_fields(campaign), "audience": audience, "recipients": recipients})


def _fields(campaign: Campaign) -> dict[str, Any]:
    return campaign.model_dump(exclude={"run", "audience"})
