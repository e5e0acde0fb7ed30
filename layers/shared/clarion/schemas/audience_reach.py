"""Whom a message would reach, as the API says it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from clarion.domain.audience import AudienceDefinition
from clarion.domain.audience_reach import Reach
from clarion.domain.model import Model


class AudiencePreviewRequest(Model):
    """An audience inline, or the ``audienceId`` of a saved one."""

    audience_id: str | None = None
    audience: AudienceDefinition | None = None
    channel: Literal["email", "sms"] = "email"

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.audience_id is None) == (self.audience is None):
            raise ValueError("give audienceId or audience, one of them")
        return self

    @property
    def wanted(self) -> AudienceDefinition | str:
        """The definition, or the id of the saved one."""
        return self.audience or self.audience_id or ""


class CampaignReachQuery(Model):
    channel: Literal["email", "sms"] | None = Field(
        default=None, description="One of the campaign's channels; the first of them to contacts where none is given."
    )


class ExcludedView(Model):
    """Members who would get nothing, by the first reason that holds."""

    suppressed: int
    no_consent: int = Field(alias="no_consent")
    no_address: int = Field(alias="no_address")
    invalid_address: int = Field(alias="invalid_address")
    hold_out: int = Field(alias="hold_out")
    capped: int = Field(description="Those whom the frequency caps allow no further message now.")


class ZoneView(Model):
    timezone: str
    contacts: int


class SampledView(Model):
    contact_id: str
    email: str | None
    phone: str | None
    reason: str | None = Field(description="Why it would get nothing; null where it would.")


class ReachView(Model):
    """Members of an audience who would get a message now."""

    audience: int
    would_receive: int
    excluded: ExcludedView
    variants: dict[str, int] = Field(description="Of an A/B test; `winner` for those who wait for the winning one.")
    timezones: list[ZoneView] = Field(description="The twenty most frequent zones.")
    fallback: ZoneView = Field(description="Those without a usable zone of their own, and the zone they are served in.")
    sample: list[SampledView] = Field(description="Ten members at most.")
    exact: bool
    share: float = Field(
        description="The part of all contacts that the figures were scaled up from. At 0 there were too many for one "
        "answer, and the figures are those of the contacts seen."
    )

    @classmethod
    def of(cls, reach: Reach) -> Self:
        return cls(
            audience=reach.audience,
            would_receive=reach.would_receive,
            excluded=ExcludedView(**reach.excluded),
            variants=dict(reach.variants),
            timezones=[ZoneView(timezone=zone, contacts=contacts) for zone, contacts in reach.timezones],
            fallback=ZoneView(timezone=reach.fallback_zone, contacts=reach.fallback),
            sample=[
                SampledView(contact_id=each.contact_id, email=each.email, phone=each.phone, reason=each.reason)
                for each in reach.sample
            ],
            exact=reach.exact,
            share=reach.share,
        )
