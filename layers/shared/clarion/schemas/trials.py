"""Campaign previews and test sends, as the API speaks of them."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from clarion.domain.message_choice import MessageChoice
from clarion.domain.model import Model
from clarion.domain.sending_rules import ChannelType
from clarion.domain.trial import MOST_ADDRESSES, TrialResult
from clarion.schemas.templates import PreviewRequest


class CampaignPreviewRequest(PreviewRequest):
    """Which message: by default that of the first channel, step and variant; and whom it is rendered for."""

    channel: ChannelType | None = Field(default=None, description="One of the campaign's.")
    step: str | None = None
    variant: str | None = None

    def choice(self) -> MessageChoice:
        """As the services know it."""
        return MessageChoice(
            contact_id=self.contact_id,
            contact=self.document(),
            channel=self.channel,
            step=self.step,
            variant=self.variant,
        )


class TrialRequest(CampaignPreviewRequest):
    """A test send: the message rendered for one contact, to addresses or phones of its makers."""

    to: list[Annotated[str, StringConstraints(max_length=320)]] = Field(
        min_length=1,
        max_length=MOST_ADDRESSES,
        description="E-mail addresses, or for `sms` phone numbers with their country code (`+49…`).",
    )


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
