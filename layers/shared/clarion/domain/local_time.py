"""Wall clocks of time zones: which instant a wall time is, and when windows and quiet hours let a message out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clarion.domain.zones import known_zone

if TYPE_CHECKING:  # both modules come to be by way of this one
    from clarion.domain.sending_rules import QuietHours
    from clarion.domain.timing import SendWindow

EARLIEST_OFFSET = timedelta(hours=14)
"""Offset of the zones that see a wall time first (Pacific/Kiritimati)."""
LATEST_OFFSET = timedelta(hours=-12)
"""Offset of the zones that see it last (Etc/GMT+12)."""

HORIZON = timedelta(days=14)
"""How far `next_open` looks: rules that leave no opening in two weeks contradict each other."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_Wait = Callable[[datetime], timedelta]
"""How long a rule keeps closed from a naive wall time on, by a clock that runs evenly; nothing when it is open."""


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall time: of a repeated one the first, of a skipped one the end of the gap."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:  # only in a gap does the later reading come first (PEP 495)
        return _let_run(second, first - second, zone)
    return first


def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clocks show at an aware moment, naive."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The UTC instant after ``start``, and not after ``end``, at which the zone's clocks are set forward or back.

    Both are aware and so close together that clocks are not changed twice in between; None when they are not changed.
    """
    offset = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return None
    before = start.astimezone(UTC).replace(microsecond=0)  # clocks are changed on whole seconds
    unchanged, changed = 0, -((before - end) // _SECOND)
    while changed - unchanged > 1:
        middle = (unchanged + changed) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            unchanged = middle
        else:
            changed = middle
    return before + changed * _SECOND


def zone_or(name: str | None, fallback: str) -> tuple[str, bool]:
    """A usable zone name, and whether the fallback had to serve because ``name`` is missing or unknown."""
    if name and _is_known(name):
        return name, False
    return fallback, True


def first_instant(wall: datetime) -> datetime:
    """The UTC instant at which a naive wall time comes first anywhere on earth."""
    return (wall - EARLIEST_OFFSET).replace(tzinfo=UTC)


def last_instant(wall: datetime) -> datetime:
    """The UTC instant at which a naive wall time has come everywhere on earth."""
    return (wall - LATEST_OFFSET).replace(tzinfo=UTC)


def next_time_of_day(moment: datetime, time_of_day: time, zone: ZoneInfo) -> datetime:
    """The earliest UTC instant from an aware moment on at that time of day, which comes once a day: see `instant`."""
    today = wall_clock(moment, zone).date()
    at = instant(datetime.combine(today, time_of_day), zone)
    return at if at >= moment else instant(datetime.combine(today + _DAY, time_of_day), zone)


def next_open(
    moment: datetime,
    zone: ZoneInfo,
    campaign_zone: ZoneInfo,
    windows: Sequence["SendWindow"],
    quiet: Sequence["QuietHours"],
) -> datetime | None:
    """The earliest UTC instant from an aware moment on at which every window is open and no quiet hours apply.

    Rules of the recipient's time read the clock of ``zone``, the others that of ``campaign_zone``. The moment itself
    when all is open then; None when nothing opens within two weeks.
    """
    zones = {"recipient": zone, "campaign": campaign_zone}
    rules: list[tuple[_Wait, ZoneInfo]] = [(_window(window), zones[window.timezone]) for window in windows]
    rules += [(_quiet(hours), zones[hours.timezone]) for hours in quiet]
    candidate = moment.astimezone(UTC)
    last = candidate + HORIZON
    while candidate <= last:
        for wait, clock in rules:
            if closed := wait(wall_clock(candidate, clock)):
                candidate = _let_run(candidate, closed, clock)
                break
        else:
            return candidate
    return None


def _window(window: "SendWindow") -> _Wait:
    opens, length = _span(window.from_, window.to)
    return partial(_until_window, frozenset(map(_WEEKDAYS.index, window.days)), opens, length)


def _quiet(hours: "QuietHours") -> _Wait:
    return partial(_until_quiet_ends, *_span(hours.from_, hours.to))


def _span(from_: str, to: str) -> tuple[timedelta, timedelta]:
    """Start after midnight, and length: past midnight where ``to`` is not later than ``from_``."""
    start, end = (timedelta(hours=int(text[:2]), minutes=int(text[3:])) for text in (from_, to))
    return start, end - start if end > start else end - start + _DAY


def _until_window(days: frozenset[int], opens: timedelta, length: timedelta, wall: datetime) -> timedelta:
    midnight = datetime.combine(wall, time())
    for ahead in range(-1, 8):  # yesterday's window may still be open; a week later the same day comes again
        start = midnight + ahead * _DAY
        if start.weekday() in days and wall < start + opens + length:
            return max(start + opens - wall, timedelta(0))
    raise AssertionError("a window names at least one day of the week")


def _until_quiet_ends(begins: timedelta, length: timedelta, wall: datetime) -> timedelta:
    since = (wall - datetime.combine(wall, time()) - begins) % _DAY
    return max(length - since, timedelta(0))


def _let_run(moment: datetime, wait: timedelta, zone: ZoneInfo) -> datetime:
    """A UTC moment plus ``wait`` (a day at most), or the instant in between at which the zone's clocks are changed."""
    later = moment + min(wait, _DAY)
    return clock_change(moment, later, zone) or later


@lru_cache(maxsize=4096)
def _is_known(name: str) -> bool:
    try:
        known_zone(name)
    except ValueError:
        return False
    return True
