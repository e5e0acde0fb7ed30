"""When a campaign starts, again and again where it recurs.

A start is an instant; where every recipient is served at their own hour, it is a wall clock's time, and its instant is
when that time comes first anywhere (UTC+14).
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.cron import Cron
from clarion.domain.journey import DateMilestone
from clarion.domain.local_time import first_instant, instant, last_instant

SHOWN = 5
MOST_MISSED = 10_000  # occurrences looked at to find the latest that is due
_JUST_BEFORE = timedelta(microseconds=1)


class Start(NamedTuple):
    """``at`` is when the scheduler acts; ``wall`` the recipients' own (naive) time, None where all share ``at``."""

    at: datetime
    wall: datetime | None = None

    @property
    def latest(self) -> datetime:
        """When the last recipient's hour comes."""
        return last_instant(self.wall) if self.wall else self.at


def starts_after(details: CampaignDetails, now: datetime) -> Iterator[Start]:
    """The starts still to come after ``now``, in order; none where the campaign starts by hand alone."""
    schedule = details.schedule
    if details.recurring is None and not details.daily:
        if schedule and schedule.start_at and schedule.start_at > now:
            wall = schedule.wall_of(schedule.start_at) if schedule.recipient_time else None
            # A zone east of the campaign's own may have passed its hour already: it follows ``past_zones``.
            yield Start(max(first_instant(wall), now), wall) if wall else Start(schedule.start_at)
        return
    begin = now
    if schedule and schedule.start_at and schedule.start_at - _JUST_BEFORE > now:
        begin = schedule.start_at - _JUST_BEFORE
    end, zone = schedule.end_at if schedule else None, ZoneInfo(details.timezone)
    for start in _by_wall(details, begin, now) if _own_hours(details) else _by_instant(details, begin):
        if end is not None and (instant(start.wall, zone) if start.wall else start.at) >= end:
            return  # by the campaign's own clock, though some zones would still see it before the end
        yield start


def next_start(details: CampaignDetails, now: datetime) -> Start | None:
    """The first start after ``now``."""
    return next(starts_after(details, now), None)


def shown_runs(details: CampaignDetails, now: datetime) -> list[datetime]:
    """The next five starts as the campaign's own clock has them."""
    zone = ZoneInfo(details.timezone)
    starts = islice(starts_after(details, now), SHOWN)
    return [start.wall.replace(tzinfo=zone) if start.wall else start.at.astimezone(zone) for start in starts]


def latest_due(details: CampaignDetails, first: Start, now: datetime) -> tuple[Start, int]:
    """The latest start that is due by ``now``, from ``first`` (which is) on, and how many were passed over for it."""
    latest, passed = first, 0
    for start in islice(starts_after(details, first.at), MOST_MISSED):
        if start.at > now:
            break
        if start.at > latest.at:
            latest, passed = start, passed + 1
    return latest, passed


def _own_hours(details: CampaignDetails) -> bool:
    return details.daily or bool(details.schedule and details.schedule.recipient_time)


def _cron(details: CampaignDetails) -> Cron:
    if isinstance(details.milestone, DateMilestone):
        hour = time.fromisoformat(details.milestone.at)
        return Cron.parse(f"{hour.minute} {hour.hour} * * *")
    assert details.recurring is not None  # noqa: S101 - the caller has looked
    return Cron.parse(details.recurring.cron)


def _by_instant(details: CampaignDetails, begin: datetime) -> Iterator[Start]:
    cron, zone = _cron(details), ZoneInfo(details.timezone)
    moment = cron.after(begin, zone)
    while moment is not None:
        yield Start(moment)
        moment = cron.after(moment, zone)


def _by_wall(details: CampaignDetails, begin: datetime, now: datetime) -> Iterator[Start]:
    cron, zone = _cron(details), ZoneInfo(details.timezone)
    wall = cron.wall_after(begin.astimezone(zone).replace(tzinfo=None))
    while wall is not None:
        at = first_instant(wall)
        if at > now:
            yield Start(at, wall)
        wall = cron.wall_after(wall)
