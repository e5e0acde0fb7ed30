"""Wall clocks of zones: which instant a wall time is, and which zone a name stands for."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.local_time import (
    clock_change,
    first_instant,
    instant,
    last_instant,
    next_time_of_day,
    wall_clock,
    zone_or,
)
from tests.domain.clock_changes import MINUTE, minutes, zones_and_moments

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]
wall = datetime.fromisoformat


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "zone", "is_"),
    [
        ("2024-07-01 09:00", "Europe/Berlin", "2024-07-01 07:00"),
        ("2024-07-01 09:00", "Asia/Kathmandu", "2024-07-01 03:15"),
        ("2024-03-10 02:00", "America/New_York", "2024-03-10 07:00"),  # the gap's first moment
        ("2024-03-10 02:59:59.999999", "America/New_York", "2024-03-10 07:00"),
        ("2024-03-10 03:00", "America/New_York", "2024-03-10 07:00"),
        ("2024-11-03 01:30", "America/New_York", "2024-11-03 05:30"),  # the first of two
        ("2024-11-03 02:00", "America/New_York", "2024-11-03 07:00"),
        ("2018-11-04 00:30", "America/Sao_Paulo", "2018-11-04 03:00"),
        ("2024-10-06 02:15", "Australia/Lord_Howe", "2024-10-05 15:30"),
        ("2011-12-30 09:00", "Pacific/Apia", "2011-12-30 10:00"),  # a day that never was
    ],
)
def test_a_wall_time_is_one_instant(shown, zone, is_):
    assert instant(wall(shown), ZoneInfo(zone)) == utc(is_)
    assert instant(wall(shown).replace(fold=1), ZoneInfo(zone)) == utc(is_)


@given(
    st.datetimes(datetime.fromisoformat("1972-01-01"), datetime.fromisoformat("2199-12-31")),
    st.sampled_from(ZONES).map(ZoneInfo),
)
def test_clocks_show_the_wall_time_at_its_instant_unless_it_is_skipped(shown, zone):
    at = instant(shown, zone)
    assert at.tzinfo is UTC
    back = wall_clock(at, zone)
    if back != shown:
        just_before = wall_clock(at - timedelta(microseconds=1), zone)
        assert just_before < shown < back


@settings(max_examples=40, deadline=None)
@given(zones_and_moments, st.integers(-600, 600))
def test_an_instant_is_the_first_at_which_clocks_have_got_that_far(where, ahead):
    zone, moment = where
    shown = wall_clock(moment, zone) + ahead * MINUTE
    scan = minutes(moment - timedelta(days=2), 4, zone)
    assert instant(shown, zone) == next(at for at, now in scan if now >= shown)


def test_a_clock_change_is_found_to_the_second_between_any_moments():
    changed = utc("2024-03-10 07:00")
    assert clock_change(changed - timedelta(hours=5, microseconds=7), changed, NEW_YORK) == changed
    assert clock_change(changed - timedelta(microseconds=1), changed + timedelta(hours=9), NEW_YORK) == changed
    assert clock_change(changed, changed + timedelta(days=1), NEW_YORK) is None
    assert clock_change(changed - timedelta(days=1), changed - timedelta(microseconds=1), NEW_YORK) is None


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_known_zone_is_taken(name):
    assert zone_or(name, "Asia/Tokyo") == (name, False)


@pytest.mark.parametrize(
    "name",
    [
        *(None, "", " ", "Mars/Olympus", "europe/berlin", "+02:00", "x" * 300),
        *("Europe", ".", "..", "../etc/passwd", "/etc/passwd", "nul\0byte", "\ud800"),
    ],
    ids=repr,
)
def test_a_missing_or_unknown_zone_falls_back(name):
    assert zone_or(name, "Asia/Tokyo") == ("Asia/Tokyo", True)


def test_a_wall_time_comes_first_in_kiritimati_and_last_at_the_date_line():
    nine = wall("2024-05-06 09:00")
    assert first_instant(nine) == instant(nine, ZoneInfo("Pacific/Kiritimati")) == utc("2024-05-05 19:00")
    assert last_instant(nine) == instant(nine, ZoneInfo("Etc/GMT+12")) == utc("2024-05-06 21:00")


@given(st.datetimes(wall("2020-01-01"), wall("2037-01-01")), st.sampled_from(ZONES).map(ZoneInfo))
def test_no_zone_has_a_wall_time_before_the_first_or_after_the_last(shown, zone):
    gap = timedelta(hours=1)  # a skipped time comes when the gap is over
    assert first_instant(shown) <= instant(shown, zone) <= last_instant(shown) + gap


@pytest.mark.parametrize(
    ("moment", "time_of_day", "at"),
    [
        ("2024-05-06 07:00", "09:00", "2024-05-06 07:00"),  # this very moment
        ("2024-05-06 07:00:00.000001", "09:00", "2024-05-07 07:00"),
        ("2024-05-06 22:30", "00:30", "2024-05-06 22:30"),  # midnight is over in Berlin
        ("2024-03-30 12:00", "02:30", "2024-03-31 01:00"),  # skipped: right after it
        ("2024-10-26 12:00", "02:30", "2024-10-27 00:30"),  # repeated: the first of two
        ("2024-10-27 01:00", "02:30", "2024-10-28 01:30"),  # and once that day
    ],
)
def test_a_time_of_day_comes_once_a_day(moment, time_of_day, at):
    assert next_time_of_day(utc(moment), time.fromisoformat(time_of_day), BERLIN) == utc(at)


@settings(max_examples=40, deadline=None)
@given(zones_and_moments, st.times().map(lambda drawn: drawn.replace(second=0, microsecond=0)))
def test_no_day_with_that_time_still_to_come_is_left_out(where, time_of_day):
    zone, moment = where
    today: date = wall_clock(moment, zone).date()
    days = [datetime.combine(today + timedelta(days=ahead), time_of_day) for ahead in range(-3, 4)]
    assert next_time_of_day(moment, time_of_day, zone) == min(
        at for at in (instant(day, zone) for day in days) if at >= moment
    )
