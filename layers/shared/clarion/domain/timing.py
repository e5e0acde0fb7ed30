"""When a campaign's messages go out: start, end, recurrence, the recipient's own hour, windows."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from clarion.domain.cron import Cron
from clarion.domain.local_time import instant
from clarion.domain.model import Model, fault_at
from clarion.domain.moments import LocalMoment
from clarion.domain.sending_rules import ClockTime, Weekday, ZoneSource
from clarion.domain.zones import TimeZone

LONGEST_WAIT = timedelta(days=400)


def _sensible_wait(wait: timedelta) -> timedelta:
    if not timedelta(0) <= wait <= LONGEST_WAIT:
        raise ValueError("a duration is from nothing (PT0S) to 400 days (P400D)")
    return wait


def _cron(text: str) -> str:
    Cron.parse(text)
    return text


Wait = Annotated[timedelta, AfterValidator(_sensible_wait)]
"""An ISO 8601 duration such as ``PT6H`` or ``P3D``, up to 400 days."""


class Schedule(Model):
    """When it starts, and until when messages may still go out. A time without an offset is read in ``timezone``.

    With ``recipient_time`` the start is that wall clock's time wherever the recipient lives; a zone in which it has
    passed at the launch is served at once (``send``) or left out (``skip``).
    """

    start_at: LocalMoment | None = None
    end_at: LocalMoment | None = None
    timezone: TimeZone = "UTC"
    recipient_time: bool = False
    past_zones: Literal["send", "skip"] = "send"

    @model_validator(mode="after")
    def _in_zone(self) -> "Schedule":
        zone = ZoneInfo(self.timezone)
        for name in ("start_at", "end_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                object.__setattr__(self, name, instant(moment, zone).astimezone(zone))
        if self.end_at is not None and self.start_at is not None and self.end_at <= self.start_at:
            raise fault_at("endAt", reason="endAt must be after startAt")
        return self

    def wall_of(self, moment: datetime) -> datetime:
        """A moment as the campaign's wall clock shows it, naive."""
        return moment.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)


class Recurring(Model):
    """Again and again: five cron fields, read in the schedule's time zone."""

    cron: Annotated[str, Field(max_length=200), AfterValidator(_cron)]


class SendWindow(Model):
    """Days and hours in which messages may go out; others wait for the next opening, or are skipped."""

    days: tuple[Weekday, ...] = Field(default=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), min_length=1)
    from_: ClockTime = Field(default="00:00", alias="from")
    to: ClockTime = "00:00"
    timezone: ZoneSource = "recipient"
    otherwise: Literal["wait", "skip"] = "wait"
