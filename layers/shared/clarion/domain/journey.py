"""Journeys: the steps a contact is taken through, what lets it in, and what makes it leave early."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from clarion.domain.audience import ContactFilter
from clarion.domain.model import Model
from clarion.domain.sending_rules import ClockTime
from clarion.domain.timing import SendWindow, Wait

MOST_STEPS = 20
MOST_ENTRIES = 20

StepId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")]
ExitReason = Literal["goal", "reply", "unsubscribe"]


class Step(Model):
    """One message of a journey, ``delay`` after the one before it (the first: after the entry)."""

    id: StepId
    template_id: str
    delay: Wait = timedelta(0)
    send_window: SendWindow | None = None


class Goal(Model):
    """What the journey is for; whoever reaches it leaves: an event of one of its messages, or a filter that is true."""

    event: Literal["open", "click", "conversion"] | None = None
    where: dict[str, Any] | None = None

    @field_validator("where")
    @classmethod
    def _compiles(cls, where: dict[str, Any] | None) -> dict[str, Any] | None:
        return where if where is None else ContactFilter(datatype="contact", where=where).where

    @model_validator(mode="after")
    def _one_of_them(self) -> "Goal":
        if (self.event is None) == (self.where is None):
            raise ValueError("a goal is either an event or a filter (where)")
        return self


class Reentry(Model):
    """Whoever has left may enter again, ``after`` that time, up to ``most`` times in all."""

    after: Wait
    most: int = Field(default=MOST_ENTRIES, ge=2, le=MOST_ENTRIES)


class DateMilestone(Model):
    """A date among the contact's attributes (``birthday``), or its anniversary, at an hour of the contact's own day."""

    type: Literal["date"]
    attribute: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    anniversary: bool = False
    offset_days: int = Field(default=0, ge=-365, le=365)
    at: ClockTime = "09:00"


class CountMilestone(Model):
    """So many opens (people's alone), clicks or purchases of a contact, over all campaigns."""

    type: Literal["count"]
    of: Literal["opens", "clicks", "purchases"]
    reaches: int = Field(ge=1, le=10_000)


class LeadStatusMilestone(Model):
    """The contact's lead status (its attribute ``leadStatus``) becomes this."""

    type: Literal["leadStatus"]
    status: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class EventMilestone(Model):
    """The first engagement event of a kind, on any message, or on those of one campaign."""

    type: Literal["event"]
    event: Literal["delivery", "open", "click", "reply", "conversion"]
    campaign_id: str | None = None


Milestone = Annotated[
    DateMilestone | CountMilestone | LeadStatusMilestone | EventMilestone, Field(discriminator="type")
]
