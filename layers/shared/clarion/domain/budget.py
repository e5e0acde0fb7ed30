"""Planned spend."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from clarion.domain.model import Model


class Budget(Model):
    """An exact amount in a currency (ISO 4217)."""

    amount: Decimal = Field(ge=0, max_digits=18, decimal_places=4)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
