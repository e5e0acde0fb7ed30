"""Cron against a scan of every minute, over random expressions around clock changes."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.cron import Cron
from tests.domain.clock_changes import MINUTE, minutes, zones_and_moments


def some(first, last):
    """A field's text, with the numbers it stands for."""
    everything = range(first, last + 1)
    lists = st.sets(st.integers(first, last), min_size=1, max_size=3).map(
        lambda drawn: (",".join(map(str, sorted(drawn))), drawn)
    )
    steps = st.integers(2, 20).map(lambda step: (f"*/{step}", set(everything[::step])))
    ranges = st.tuples(st.integers(first, last), st.integers(first, last)).map(
        lambda ends: (f"{min(ends)}-{max(ends)}", set(range(min(ends), max(ends) + 1)))
    )
    return st.just(("*", set(everything))) | lists | steps | ranges


days_of_week = st.just(("*", set(range(7)))) | st.sets(st.integers(0, 6), min_size=1).map(
    lambda drawn: (",".join(map(str, sorted(drawn))), drawn)
)


def expected(scan, minute_set, hour_set, day_set):
    """Runs found minute by minute. Of the times that clocks show (or skip) now for the first time one must match; an
    expression of every hour has to match what clocks show."""

    def matches(wall):
        return wall.minute in minute_set and wall.hour in hour_set and wall.isoweekday() % 7 in day_set

    latest = None
    for moment, wall in scan:
        if len(hour_set) == 24:
            if matches(wall):
                yield moment
            continue
        latest = latest or wall - MINUTE
        new = (latest + count * MINUTE for count in range(1, (wall - latest) // MINUTE + 1))
        if any(matches(shown) for shown in new):
            yield moment
        latest = max(latest, wall)


@settings(max_examples=60, deadline=None)
@given(zones_and_moments, some(0, 59), some(0, 23), days_of_week)
def test_no_run_is_skipped_made_up_or_repeated(where, minute, hour, day):
    zone, moment = where
    cron = Cron.parse(f"{minute[0]} {hour[0]} * * {day[0]}")
    scan = list(minutes(moment - timedelta(days=2), 4, zone))  # from well before, to know which times are repeated
    wanted = [run for run in expected(scan, minute[1], hour[1], day[1]) if run > moment]
    for run in wanted[:100]:
        moment = cron.after(moment, zone)
        assert moment == run
    if len(wanted) <= 100:
        following = cron.after(moment, zone)
        assert following is not None
        assert following > scan[-1][0]


@settings(max_examples=60, deadline=None)
@given(zones_and_moments, some(0, 59), some(0, 23), days_of_week)
def test_without_clock_changes_wall_clock_and_calendar_agree(where, minute, hour, day):
    cron = Cron.parse(f"{minute[0]} {hour[0]} * * {day[0]}")
    following = cron.after(where[1], ZoneInfo("UTC"))
    assert following is not None
    assert following.replace(tzinfo=None) == cron.wall_after(where[1].replace(tzinfo=None))
