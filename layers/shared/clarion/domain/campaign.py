"""A campaign and the rules of its life: draft → scheduled → running → completed, with paused, cancelled and failed."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from clarion.domain.addresses import parse_email
from clarion.domain.audience import AudienceDefinition
from clarion.domain.errors import RuleBroken
from clarion.domain.model import Model
from clarion.domain.moments import LocalMoment

ChannelType = Literal["email", "sms", "social", "ads"]
Text = Annotated[str, StringConstraints(max_length=4000)]


def _mailbox(address: str) -> str:
    return parse_email(address).address


def _single_line(text: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("line breaks and other control characters are not allowed")
    return text


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r} in the IANA database") from None
    return name


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_single_line)
]
Address = Annotated[str, AfterValidator(_mailbox)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Status(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    COMPLETED_WITH_FAILURES = "completed_with_failures"
    CANCELLED = "cancelled"
    FAILED = "failed"


_NEXT: dict[Status, set[Status]] = {
    Status.DRAFT: {Status.SCHEDULED, Status.RUNNING, Status.CANCELLED},
    Status.SCHEDULED: {Status.DRAFT, Status.RUNNING, Status.CANCELLED, Status.FAILED},
    Status.RUNNING: {
        Status.PAUSED,
        Status.COMPLETED,
        Status.COMPLETED_WITH_FAILURES,
        Status.CANCELLED,
    },
    Status.PAUSED: {Status.RUNNING, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.COMPLETED_WITH_FAILURES: set(),
    Status.CANCELLED: set(),
    Status.FAILED: {Status.DRAFT},
}
_CONTENT_OPEN = {Status.DRAFT, Status.SCHEDULED, Status.FAILED}
_ALWAYS_OPEN = {"name", "description", "brand", "budget"}


class Schedule(Model):
    """When it starts, and until when mails may still go out. A time without an offset is read in ``timezone``."""

    start_at: LocalMoment
    end_at: LocalMoment | None = None
    timezone: TimeZone = "UTC"

    @model_validator(mode="after")
    def _in_zone(self) -> "Schedule":
        zone = ZoneInfo(self.timezone)
        for name in ("start_at", "end_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                object.__setattr__(self, name, moment.replace(tzinfo=zone))
        if self.end_at is not None and self.end_at <= self.start_at:
            raise ValueError("endAt must be after startAt")
        return self


class Budget(Model):
    """Planned spend, an exact amount."""

    amount: Decimal = Field(ge=0, max_digits=18, decimal_places=4)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"


class Sender(Model):
    """Who the mails come from; the deployment's default sender where a campaign names none."""

    email: Address
    name: Annotated[str, StringConstraints(max_length=256), AfterValidator(_single_line)] | None = None
    reply_to: Address | None = None


class CampaignDetails(Model):
    """What a user says of a campaign."""

    name: Name
    description: Text | None = None
    type: Literal["one-shot"] = "one-shot"
    brand: Name | None = None
    budget: Budget | None = None
    channels: list[ChannelType] = Field(default_factory=list, max_length=4)
    audience_id: str | None = None
    audience: AudienceDefinition | None = None
    template_id: str | None = None
    sender: Sender | None = None
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "CampaignDetails":
        if self.audience_id is not None and self.audience is not None:
            raise ValueError("give audienceId or audience, not both")
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("channels names a channel twice")
        return self


class Campaign(CampaignDetails):
    """A campaign as it is kept. ``run`` counts its launches; ``status_reason`` says why it paused or failed."""

    id: str
    owner: str
    status: Status = Status.DRAFT
    status_reason: str | None = None
    state: Literal["active", "deleted"] = "active"
    run: int = 0
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None = None
    completed_at: datetime | None = None
    version: int = 0

    def to(self, status: Status, now: datetime, reason: str | None = None) -> "Campaign":
        """The campaign in another status; RuleBroken where there is no such step."""
        if status == self.status:
            return self
        if self.state == "deleted" and status != Status.CANCELLED:
            raise RuleBroken("the campaign is deleted", "body.status")
        if status not in _NEXT[self.status]:
            raise RuleBroken(f"a campaign that is {self.status.value} cannot become {status.value}", "body.status")
        done = status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.CANCELLED)
        changes: dict[str, Any] = {"status": status, "status_reason": reason, "updated_at": now}
        return self.model_copy(update=changes | ({"completed_at": now} if done else {}))

    def changed(self, details: CampaignDetails, now: datetime) -> "Campaign":
        """The campaign with new details; once it runs, only its labels may change."""
        if self.state == "deleted":
            raise RuleBroken("the campaign is deleted")
        update = {name: getattr(details, name) for name in CampaignDetails.model_fields}
        if self.status not in _CONTENT_OPEN:
            for name, value in update.items():
                if name not in _ALWAYS_OPEN and value != getattr(self, name):
                    raise RuleBroken(
                        f"a campaign that is {self.status.value} keeps its {to_words(name)}", f"body.{to_camel(name)}"
                    )
        return self.model_copy(update=update | {"updated_at": now})

    def launched(self, now: datetime) -> "Campaign":
        """Running, with the next run's number. Only what never ran is launched: a paused campaign is resumed."""
        if self.status not in (Status.DRAFT, Status.SCHEDULED):
            raise RuleBroken(f"a campaign that is {self.status.value} cannot be launched", "body.status")
        running = self.to(Status.RUNNING, now)
        return running.model_copy(update={"run": self.run + 1, "launched_at": now})

    def deleted(self, now: datetime) -> "Campaign":
        """Soft-deleted; what was to be sent is cancelled, what was counted stays."""
        live = self.status in (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
        campaign = self.to(Status.CANCELLED, now) if live else self
        return campaign.model_copy(update={"state": "deleted", "updated_at": now})


def to_words(name: str) -> str:
    """``template_id`` → ``template id``."""
    return name.replace("_", " ")


def to_camel(name: str) -> str:
    """``template_id`` → ``templateId``."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
