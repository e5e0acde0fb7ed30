"""What an organisation asks of everything it sends: quiet hours, frequency caps, rates, warming up, automatic pause."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from clarion.domain.model import Model, fault_at
from clarion.domain.zones import TimeZone

ChannelType = Literal["email", "sms", "social", "ads"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""``"09:30"``, a wall clock's time, in 24 hours."""
ZoneSource = Literal["recipient", "campaign"]
"""Whose clock a rule reads: the recipient's (the campaign's where that is missing or unknown), or the campaign's."""

LONGEST_CAP = timedelta(days=31)


def _sensible_period(period: timedelta) -> timedelta:
    if not timedelta(minutes=1) <= period <= LONGEST_CAP:
        raise ValueError("a cap's period is from one minute (PT1M) to 31 days (P31D)")
    return period


class FrequencyCap(Model):
    """At most ``most`` messages of a channel to one contact within any ``per`` (sliding), over all campaigns."""

    channel: ChannelType
    most: int = Field(ge=1, le=100)
    per: Annotated[timedelta, AfterValidator(_sensible_period)]


class QuietHours(Model):
    """No message of these channels from ``from`` until ``to``, every day; past midnight where ``to`` is earlier."""

    channels: tuple[ChannelType, ...] = Field(default=("email", "sms"), min_length=1, max_length=4)
    from_: ClockTime = Field(alias="from")
    to: ClockTime
    timezone: ZoneSource = "recipient"

    @model_validator(mode="after")
    def _some_time_left(self) -> "QuietHours":
        if self.from_ == self.to:
            raise ValueError("from and to are the same: that would be no hour, or every hour")
        return self


class RateLimit(Model):
    """At most so many messages of a channel a second, over all workers."""

    channel: ChannelType
    per_second: float = Field(ge=0.01, le=10_000)


class RampUp(Model):
    """Warming up a new domain or number: messages of a channel a day, from ``starts_on`` on; then no limit."""

    channel: ChannelType
    starts_on: date
    daily: tuple[Annotated[int, Field(ge=1, le=100_000_000)], ...] = Field(min_length=1, max_length=90)


class Guard(Model):
    """When a running campaign pauses by itself: shares of its sends, once ``minimum_sends`` are reached."""

    enabled: bool = True
    complaints: float = Field(default=0.001, gt=0, le=1)
    hard_bounces: float = Field(default=0.05, gt=0, le=1)
    minimum_sends: int = Field(default=500, ge=1, le=1_000_000)


class SendingRules(Model):
    """The rules of one organisation. ``timezone`` is that of contacts and campaigns which name none."""

    timezone: TimeZone = "UTC"
    quiet_hours: tuple[QuietHours, ...] = Field(default=(), max_length=4)
    frequency_caps: tuple[FrequencyCap, ...] = Field(default=(), max_length=8)
    rate_limits: tuple[RateLimit, ...] = Field(default=(), max_length=4)
    ramp_ups: tuple[RampUp, ...] = Field(default=(), max_length=4)
    guard: Guard = Guard()

    @model_validator(mode="after")
    def _one_per_channel(self) -> "SendingRules":
        for name, rules in (("rateLimits", self.rate_limits), ("rampUps", self.ramp_ups)):
            channels = [rule.channel for rule in rules]
            if len(set(channels)) != len(channels):
                raise fault_at(name, reason="a channel is named twice")
        return self
