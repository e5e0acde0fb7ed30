"""A/B tests: who gets which variant, and which one wins."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from clarion.domain.model import Model, fault_at
from clarion.domain.timing import Wait

VariantId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,16}$")]
Metric = Literal["unique_opens", "unique_clicks", "conversions", "revenue"]


class Variant(Model):
    """What differs from the campaign itself: its template, its subject, or how much later it goes out."""

    id: VariantId
    share: float = Field(gt=0, le=100)
    template_id: str | None = None
    subject: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = None
    delay: Wait = timedelta(0)


class Experiment(Model):
    """Each variant goes to ``share`` per cent of the audience; whoever is left gets the winner after ``decide_after``.

    Where the shares are 100 together there is nobody left, and the winner is only named.
    """

    variants: tuple[Variant, ...] = Field(min_length=2, max_length=8)
    metric: Metric = "unique_clicks"
    decide_after: Wait = timedelta(hours=4)

    @model_validator(mode="after")
    def _adds_up(self) -> "Experiment":
        ids = [variant.id for variant in self.variants]
        for n, variant in enumerate(ids):
            if variant in ids[:n]:
                raise fault_at("variants", n, "id", reason=f"the id {variant!r} is taken by an earlier variant")
            if variant == "winner":
                reason = "no variant can be called winner: that is who gets the winning one"
                raise fault_at("variants", n, "id", reason=reason)
        if sum(variant.share for variant in self.variants) > 100.000001:
            raise fault_at("variants", reason="the shares are more than 100 together")
        if self.decide_after < max(variant.delay for variant in self.variants):
            raise fault_at("decideAfter", reason="decideAfter is before the last variant has gone out")
        return self
