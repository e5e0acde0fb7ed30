"""What a user says of a campaign: its type, audience, content, times and rules."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from clarion.domain.addresses import parse_email
from clarion.domain.advertisement import Advertisement
from clarion.domain.audience import AudienceDefinition
from clarion.domain.budget import Budget
from clarion.domain.experiment import Experiment
from clarion.domain.journey import MOST_STEPS, DateMilestone, ExitReason, Goal, Milestone, Reentry, Step
from clarion.domain.model import Model, fault_at
from clarion.domain.sending_rules import ChannelType
from clarion.domain.social_post import SocialPost
from clarion.domain.timing import Recurring, Schedule, SendWindow, Wait

CampaignType = Literal["one-shot", "recurring", "drip", "milestone"]
Text = Annotated[str, StringConstraints(max_length=4000)]
FIRST_STEP = "1"
EXIT_ON: tuple[ExitReason, ...] = ("goal", "reply", "unsubscribe")


def _mailbox(address: str) -> str:
    return parse_email(address).address


def _single_line(text: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("line breaks and other control characters are not allowed")
    return text


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_single_line)
]
Address = Annotated[str, AfterValidator(_mailbox)]


def listed(names: Sequence[str]) -> str:
    """``one-shot, recurring or milestone``"""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


class Sender(Model):
    """Who the mails come from; the deployment's default sender where a campaign names none."""

    email: Address
    name: Annotated[str, StringConstraints(max_length=256), AfterValidator(_single_line)] | None = None
    reply_to: Address | None = None


class CampaignDetails(Model):
    """A draft may lack anything but its name; what contradicts its type is refused at once.

    ``template_id`` is the message of a one-shot, recurring or one-step milestone campaign; ``steps`` those of a
    journey (drip, milestone); ``social`` is posted, ``ads`` are advertised. ``expire_after`` is how late a message may
    still go out.
    """

    name: Name
    description: Text | None = None
    type: CampaignType = "one-shot"
    brand: Name | None = None
    budget: Budget | None = None
    channels: list[ChannelType] = Field(default_factory=list, max_length=4)
    audience_id: str | None = None
    audience: AudienceDefinition | None = None
    template_id: str | None = None
    sender: Sender | None = None
    social: SocialPost | None = None
    ads: Advertisement | None = None
    schedule: Schedule | None = None
    recurring: Recurring | None = None
    expire_after: Wait | None = None
    send_window: SendWindow | None = None
    ignore_frequency_caps: bool = False
    hold_out: float = Field(default=0, ge=0, le=90)
    experiment: Experiment | None = None
    steps: tuple[Step, ...] = Field(default=(), max_length=MOST_STEPS)
    milestone: Milestone | None = None
    goal: Goal | None = None
    exit_on: tuple[ExitReason, ...] = EXIT_ON
    reentry: Reentry | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "CampaignDetails":
        if self.audience_id is not None and self.audience is not None:
            raise fault_at("audienceId", reason="give audienceId or audience, not both")
        if len(set(self.channels)) != len(self.channels):
            raise fault_at("channels", reason="channels names a channel twice")
        ids = [step.id for step in self.steps]
        for n, step in enumerate(self.steps):
            if step.id in ids[:n]:
                raise fault_at("steps", n, "id", reason=f"the id {step.id!r} is taken by an earlier step")
        if self.steps and self.template_id is not None:
            raise fault_at("templateId", reason="give templateId or steps, not both")
        return self

    @model_validator(mode="after")
    def _fits_its_type(self) -> "CampaignDetails":
        for field, (given, types) in ONLY_FOR.items():
            if given(self) and self.type not in types:
                reason = f"belongs to campaigns of the type {listed(types)}, not {self.type}"
                raise fault_at(*field.split("."), reason=reason)
        return self

    @property
    def journey(self) -> bool:
        """Whether contacts enter it one by one and are taken through steps."""
        return self.type in ("drip", "milestone")

    @property
    def daily(self) -> bool:
        """Whether it looks every day for the contacts whose day has come."""
        return isinstance(self.milestone, DateMilestone)

    @property
    def repeats(self) -> bool:
        """Whether it starts again and again, by its cron or every day."""
        return self.recurring is not None or self.daily

    @property
    def messages(self) -> tuple[Step, ...]:
        """Its steps; the only message of a campaign without steps is step ``1``."""
        if self.steps or self.template_id is None:
            return self.steps
        return (Step(id=FIRST_STEP, template_id=self.template_id, delay=timedelta(0)),)

    @property
    def timezone(self) -> str:
        """The zone its times are read in; UTC where it names none."""
        return self.schedule.timezone if self.schedule else "UTC"


ONLY_FOR: dict[str, tuple[Callable[[CampaignDetails], object], tuple[CampaignType, ...]]] = {
    "templateId": (lambda details: details.template_id, ("one-shot", "recurring", "milestone")),
    "recurring": (lambda details: details.recurring, ("recurring",)),
    "social": (lambda details: details.social, ("one-shot", "recurring")),
    "ads": (lambda details: details.ads, ("one-shot",)),
    "steps": (lambda details: details.steps, ("drip", "milestone")),
    "milestone": (lambda details: details.milestone, ("milestone",)),
    "goal": (lambda details: details.goal, ("drip", "milestone")),
    "exitOn": (lambda details: details.exit_on != EXIT_ON, ("drip", "milestone")),
    "reentry": (lambda details: details.reentry, ("drip",)),
    "experiment": (lambda details: details.experiment, ("one-shot", "recurring")),
    "schedule.recipientTime": (
        lambda details: details.schedule and details.schedule.recipient_time,
        ("one-shot", "recurring"),
    ),
}
"""Fields that not every type has: whether a campaign gives one, and the types it belongs to."""
