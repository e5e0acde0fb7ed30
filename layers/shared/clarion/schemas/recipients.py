"""Recipients of a campaign, as the API gives them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from clarion.domain.model import Model
from clarion.domain.outlet import Outlet
from clarion.domain.recipients import Recipient
from clarion.domain.sending_rules import ChannelType

Outcome = Annotated[
    str,
    StringConstraints(pattern=r"^(sent|failed|rejected|unknown|render_failed|pending|skipped(\.[a-z_]{1,40})?)$"),
]
RunNumber = Annotated[int, Field(ge=1, le=9_999)]
WantedRun = Annotated[RunNumber | None, Field(description="Number of the run; the latest where none is given.")]
WantedChannel = Annotated[
    ChannelType | None,
    Field(description="The run of the last launch by this channel: each channel of a launch is a run of its own."),
]


class RecipientView(Model):
    """One contact at one step of a run; a journey has one for each step the contact has come to."""

    contact_id: str
    outlet: Outlet | None = Field(description="The profile or account that was published to, in a contact's place.")
    outcome: str = Field(
        description="`sent`, `failed`, `rejected`, `unknown`, `render_failed`, `skipped.<reason>`, or `pending`."
    )
    detail: str | None = Field(description="The vendor's id of what was `sent`; else the reason in words.")
    step: str
    variant: str | None = Field(description="Of an A/B test; `winner` for whoever waits for the winning variant.")
    timezone: str | None = Field(description="The zone the message is timed by, where it depends on the recipient's.")
    due_at: datetime | None = Field(description="When a `pending` message is planned to go out.")

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        return cls(
            contact_id=recipient.contact_id,
            outlet=recipient.outlet,
            outcome=recipient.outcome,
            detail=recipient.detail or None,
            step=recipient.step,
            variant=recipient.variant or None,
            timezone=recipient.zone or None,
            due_at=datetime.fromisoformat(recipient.due_at) if recipient.due_at else None,
        )
