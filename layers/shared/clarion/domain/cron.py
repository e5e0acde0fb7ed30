"""Cron expressions: five fields, and when they come next by the clock of a time zone."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from clarion.domain.local_time import clock_change, instant, wall_clock

LONGEST = 200
"""Characters an expression may have."""
LAST_YEAR = 2199

_FIELDS = {
    "second": "0-59",
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31, L (the last day), LW (the last weekday)",
    "month": "1-12, JAN-DEC",
    "day-of-week": "0-7 or SUN-SAT (0 and 7 are Sunday), 5L (the last Friday), MON#2 (the second Monday)",
}
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall time has no zone
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Cron:
    """A cron expression as Debian's cron reads it: names of months and days, lists, ranges, steps, ``L`` and ``#``.

    Where day-of-month and day-of-week are both restricted, either is enough; both must match when one of them begins
    with a star. When clocks are changed, a run in the skipped time comes right after it, and one in the repeated time
    comes the first time alone. Expressions that come in every hour simply follow the clock: nothing is made up for the
    skipped time, and they come in the repeated time again.
    """

    def __init__(self, text: str) -> None:
        """Of an expression that `parse` has checked."""
        self.text = text
        self._every_hour = len(CronSim(text, _SOME_DAY).hours) == 24

    @classmethod
    def parse(cls, text: str, *, seconds: bool = False) -> Self:
        """Of five fields: minute, hour, day-of-month, month, day-of-week; with ``seconds``, of six, seconds first.

        ValueError names the field that is wrong, or says that the expression never comes.
        """
        return cls(_checked(text, seconds))

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The next UTC instant strictly after an aware moment; None when there is none before the year 2200."""
        if self._every_hour:
            return self._by_the_clock(moment, zone)
        wall = self.wall_after(wall_clock(moment, zone))
        while wall and instant(wall, zone) <= moment:  # in a repeated hour, whose runs came in its first half
            wall = self.wall_after(wall)
        return instant(wall, zone) if wall else None

    def wall_after(self, wall: datetime) -> datetime | None:
        """The next time strictly after a naive wall time, by the calendar alone; None before the year 2200."""
        if wall.year > LAST_YEAR:
            return None
        found = next(CronSim(self.text, wall), None)
        return found if found and found.year <= LAST_YEAR else None

    def _by_the_clock(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The next instant at which clocks show a time of the calendar, going from one clock change to the next.

        cronsim's own way through a zone steps over what half-hour changes repeat (Australia/Lord_Howe), and goes back
        in time where clocks are set back over midnight.
        """
        at, wall = moment.astimezone(UTC), wall_clock(moment, zone)
        found = self.wall_after(wall)
        while found:
            change = clock_change(at, at + min(found - wall, _DAY), zone)
            if change:
                at, wall = change, wall_clock(change, zone)
                found = self.wall_after(wall - _SECOND)
            elif found - wall <= _DAY:
                return at + (found - wall)
            else:  # clocks set back later show no time again that is before this one, and none until found matches
                at = max(at + _DAY, instant(found, zone) - _DAY)
                wall = wall_clock(at, zone)
        return None


@lru_cache(maxsize=1024)
def _checked(text: str, seconds: bool) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"a cron expression has at most {LONGEST} characters")
    fields = text.split()
    names = list(_FIELDS) if seconds else list(_FIELDS)[1:]
    if len(fields) != len(names):
        raise ValueError(f"a cron expression has {len(names)} fields ({', '.join(names)}), not {len(fields)}")
    for name, field in zip(names, fields, strict=True):
        for term in field.split(","):
            if not _is_term(name, term):
                raise ValueError(
                    f"{name}: {term!r} is not understood; it takes {_FIELDS[name]}, * for all,"
                    " and lists, ranges and steps of these, such as 1,3 or 1-5 or */2"
                )
    expression = " ".join(fields)
    try:
        first = next(CronSim(expression, _SOME_DAY), None)  # looks 50 years ahead; the rarest (29 February) comes in 40
    except CronSimError:  # each field alone is right: it knows that the months have no such day
        first = None
    if first is None:
        raise ValueError("this never comes: no month it names has such a day")
    return expression


def _is_term(name: str, term: str) -> bool:
    """Whether one item of a field's list is right by itself."""
    if not term or not term.isascii():  # cronsim counts no empty field, and upper-casing makes ASCII of other letters
        return False
    expression = ["*"] * len(_FIELDS)
    expression[list(_FIELDS).index(name)] = term
    try:
        CronSim(" ".join(expression), _SOME_DAY)
    except CronSimError:
        return False
    return True
