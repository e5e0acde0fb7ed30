"""Audiences that are kept under a name. Who belongs to one is asked when a campaign starts, never here."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from clarion.domain.audience import AudienceDefinition
from clarion.domain.model import Model


class AudienceDetails(Model):
    """What the user says of an audience."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=2000)] | None = None
    definition: AudienceDefinition


class Audience(AudienceDetails):
    """A kept audience."""

    id: str
    created_at: datetime
    updated_at: datetime
    created_by: str
    version: int = 1
