"""Campaign previews and test sends, as the API speaks of them."""

from typing import Annotated, Any, Self

from pydantic import Field

from clarion.domain.campaign_details import Address
from clarion.domain.model import Model
from clarion.domain.trial import MOST_ADDRESSES, TrialResult
from clarion.schemas.templates import PreviewRequest


class CampaignPreviewRequest(PreviewRequest):
    """Which message: by default that of the first step and the first variant; and whom it is rendered for."""

    step: str | None = None
    variant: str | None = None

    def wanted(self) -> dict[str, Any]:
        """What the services ask for by name."""
        return {
            "contact_id": self.contact_id,
            "contact": self.document(),
            "step": self.step,
            "variant": self.variant,
        }


class TrialRequest(CampaignPreviewRequest):
    """A test send: the message rendered for one contact, to addresses of its makers."""

    to: Annotated[list[Address], Field(min_length=1, max_length=MOST_ADDRESSES)]


class TrialResultView(Model):
    to: str
    outcome: str = Field(description="`sent`, `rejected`, `failed`, `unknown`, or `skipped.suppressed`.")
    detail: str = Field(description="The vendor's id of what was `sent`; else the reason in words.")


class TrialView(Model):
    """What became of each address of a test send."""

    results: list[TrialResultView]

    @classmethod
    def of(cls, results: list[TrialResult]) -> Self:
        return cls(results=[TrialResultView(to=each.to, outcome=each.outcome, detail=each.detail) for each in results])
