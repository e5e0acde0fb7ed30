"""Conversions, as the API speaks of them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from clarion.domain.addresses import normalise_email
from clarion.domain.conversions import Attribution, Conversion, ConversionDetails, NamedMessage
from clarion.domain.ids import is_id
from clarion.domain.model import Model
from clarion.domain.moments import Moment
from clarion.schemas.analytics import money


def _checked_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an identifier")
    return text


def _checked_email(text: str) -> str:
    normalise_email(text)
    return text


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a decimal number, or its text")
    return value


Id = Annotated[str, AfterValidator(_checked_id)]
# 15 digits: so many a JSON number carries exactly, whatever reads it.
Value = Annotated[Decimal, BeforeValidator(_no_boolean), Field(ge=0, max_digits=15, decimal_places=4)]


class TrackedMessage(Model):
    """One message: by ``token``, the ``t`` of any tracked link or picture in it, or by the ``contactId`` it went to.

    ``campaignId`` and ``stepId`` are those of the link's path. Without ``run``, a contact's message is the latest.
    """

    campaign_id: Id
    step_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "1"
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    contact_id: Id | None = None
    run: Annotated[int, Field(ge=1, le=9999)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.token is None) == (self.contact_id is None):
            raise ValueError("give token or contactId, and not both")
        if self.token is not None and self.run is not None:
            raise ValueError("a token says the run itself")
        return self

    def named(self) -> NamedMessage:
        """What was said of the message."""
        return NamedMessage(self.campaign_id, self.step_id, self.token, self.contact_id, self.run)


class ConversionRequest(Model):
    """``contactId``, ``email`` or ``message`` says who; ``campaignId`` which campaign earned it, where you know, and
    ``message`` which message. ``value`` is exact: at best a text such as ``"19.99"``. Sending it again with the same
    ``conversionId`` counts nothing twice."""

    conversion_id: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
    contact_id: Id | None = None
    email: Annotated[str, AfterValidator(_checked_email)] | None = None
    message: TrackedMessage | None = None
    campaign_id: Id | None = None
    value: Value = Decimal(0)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    type: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    occurred_at: Moment | None = None

    @model_validator(mode="after")
    def _one_contact(self) -> Self:
        if sum(map(bool, (self.contact_id, self.email, self.message))) != 1:
            raise ValueError("give one of contactId, email and message")
        if self.message and self.campaign_id:
            raise ValueError("the message says the campaign itself: leave out campaignId")
        return self

    @property
    def email_key(self) -> str | None:
        """The normalised address."""
        return normalise_email(self.email) if self.email else None

    def details(self) -> ConversionDetails:
        """What was said, but of whom."""
        return ConversionDetails(
            conversion_id=self.conversion_id,
            value=self.value,
            currency=self.currency,
            campaign_id=self.campaign_id,
            type=self.type,
            occurred_at=self.occurred_at,
        )


class EarnedByView(Model):
    """The message that earned a conversion."""

    campaign_id: str
    run: int
    step: str
    channel: str
    attribution: Attribution


class ConversionView(Model):
    """A recorded conversion; ``earnedBy`` is null where no message earned it. ``value`` is an exact decimal."""

    conversion_id: str
    contact_id: str
    value: str
    currency: str
    type: str | None
    occurred_at: datetime
    created_at: datetime
    earned_by: EarnedByView | None

    @classmethod
    def of(cls, conversion: Conversion) -> Self:
        details, message, attribution = conversion.details, conversion.message, conversion.attribution
        earned_by = None
        if message and attribution:
            earned_by = EarnedByView(
                campaign_id=message.campaign,
                run=message.run,
                step=message.step,
                channel=message.channel,
                attribution=attribution,
            )
        return cls(
            conversion_id=details.conversion_id,
            contact_id=conversion.contact_id,
            value=money(details.value),
            currency=details.currency,
            type=details.type,
            occurred_at=conversion.occurred_at,
            created_at=conversion.created_at,
            earned_by=earned_by,
        )
