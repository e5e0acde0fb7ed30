"""Audiences, as the API speaks of them."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from clarion.domain.audience import AudienceDefinition
from clarion.domain.model import Model
from clarion.domain.saved_audience import Audience, AudienceDetails


class AudienceRequest(AudienceDetails):
    """A fixed list of contacts, or a filter over all of them."""


class UpdateAudienceRequest(AudienceDetails):
    """The whole audience; ``version`` (or If-Match) is the one you read: a later one is not overwritten."""

    version: int | None = Field(default=None, ge=1)


class AudienceView(Model):
    """Whom it reaches is computed when a campaign starts."""

    id: str
    name: str
    description: str | None
    definition: AudienceDefinition
    created_at: datetime
    updated_at: datetime
    created_by: str
    version: int

    @classmethod
    def of(cls, audience: Audience) -> Self:
        return cls(**{name: getattr(audience, name) for name in cls.model_fields})


class AudienceSummaryView(Model):
    """An audience in a list, without its definition: that may hold 10,000 contacts."""

    id: str
    name: str
    description: str | None
    type: Literal["static", "dynamic"]
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, audience: Audience) -> Self:
        fields = {name: getattr(audience, name) for name in cls.model_fields if name != "type"}
        return cls(type=audience.definition.type, **fields)
