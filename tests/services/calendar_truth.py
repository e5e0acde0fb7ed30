"""What clocks and calendars say, found by going through days and minutes one by one: the truth for property tests."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def comes_at(wall: datetime, zone: str) -> datetime:
    """The first minute in which the zone's clocks show ``wall`` or, having skipped it, something later."""
    here = ZoneInfo(zone)
    at = min(wall.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1))
    while at.astimezone(here).replace(tzinfo=None) < wall:
        at += MINUTE
    return at


def walls(details: Mapping[str, Any], created: datetime, end: datetime) -> list[datetime]:
    """The occurrences of a daily campaign by its own wall clock, of ``hour``, ``minute`` and ``weekdays``."""
    zone = ZoneInfo(details["zone"])
    day, last = created.astimezone(zone).date(), end.astimezone(zone).date()
    found = list[datetime]()
    while day <= last:
        wall = datetime.combine(day, time(details["hour"], details["minute"]))
        at = comes_at(wall, details["zone"])
        first_anywhere = (wall - timedelta(hours=14)).replace(tzinfo=UTC) if details["recipient_time"] else at
        if day.isoweekday() in details["weekdays"] and created < at < end and first_anywhere > created:
            found.append(wall)
        day += DAY
    return found


def minutes_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def inside(at: datetime, zone: str, begins: str, ends: str, days: tuple[str, ...] = WEEKDAYS) -> bool:
    """Whether clocks there show a time from ``begins`` until ``ends``; the day is that on which the time begins."""
    wall = at.astimezone(ZoneInfo(zone))
    minute, first, last = wall.hour * 60 + wall.minute, minutes_of(begins), minutes_of(ends)
    today, yesterday = (WEEKDAYS[each.weekday()] in days for each in (wall.date(), wall.date() - DAY))
    if first < last:
        return today and first <= minute < last
    return (today and minute >= first) or (yesterday and minute < last)
