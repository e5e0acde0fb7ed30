"""Recipients of a campaign, as the API gives them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from clarion.domain.model import Model
from clarion.domain.recipients import Recipient

Outcome = Annotated[
    str,
    StringConstraints(pattern=r"^(sent|failed|rejected|unknown|render_failed|pending|skipped(\.[a-z_]{1,40})?)$"),
]


class RecipientView(Model):
    """One member of the latest run's audience."""

    contact_id: str
    outcome: str = Field(
        description="`sent`, `failed`, `rejected`, `unknown`, `render_failed`, `skipped.<reason>`, or `pending`."
    )
    detail: str | None = Field(description="The vendor's id of what was `sent`; else the reason in words.")

    @classmethod
    def of(cls, recipient: Recipient) -> "RecipientView":
        return cls(contact_id=recipient.contact_id, outcome=recipient.outcome, detail=recipient.detail or None)
