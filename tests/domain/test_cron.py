"""Cron expressions: what is read and refused, and when they come."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clarion.domain.cron import LONGEST, Cron

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
wall = datetime.fromisoformat


def runs(expression: str, zone: ZoneInfo, start: str, count: int) -> list[str]:
    """The next occurrences by the zone's own clock, such as ``03-10 03:00-04:00``."""
    cron, moment, found = Cron.parse(expression), datetime.fromisoformat(start), []
    for _ in range(count):
        following = cron.after(moment, zone)
        assert following is not None
        assert following.tzinfo is UTC
        assert following > moment
        moment = following
        found.append(
            moment.astimezone(zone).isoformat()[5:].replace("T", " ").replace(":00-", "-").replace(":00+", "+")
        )
    return found


def test_a_run_in_the_skipped_hour_comes_right_after_it():
    assert runs("30 2 * * *", NEW_YORK, "2024-03-09T12:00-05:00", 2) == ["03-10 03:00-04:00", "03-11 02:30-04:00"]


def test_every_run_of_the_skipped_hour_comes_as_one():
    found = runs("*/15 2,3 * * *", NEW_YORK, "2024-03-09T12:00-05:00", 3)
    assert found == ["03-10 03:00-04:00", "03-10 03:15-04:00", "03-10 03:30-04:00"]


def test_a_run_in_the_repeated_hour_comes_once():
    assert runs("30 1 * * *", NEW_YORK, "2024-11-02T12:00-04:00", 2) == ["11-03 01:30-04:00", "11-04 01:30-05:00"]


def test_from_the_second_of_two_hours_the_next_run_is_tomorrow():
    assert runs("30 1 * * *", NEW_YORK, "2024-11-03T01:10-05:00", 1) == ["11-04 01:30-05:00"]


def test_an_hourly_run_comes_in_both_of_the_repeated_hours():
    assert runs("30 * * * *", NEW_YORK, "2024-11-03T00:45-04:00", 3) == [
        "11-03 01:30-04:00",
        "11-03 01:30-05:00",
        "11-03 02:30-05:00",
    ]


def test_an_hourly_run_leaves_the_skipped_hour_out():
    assert runs("30 * * * *", NEW_YORK, "2024-03-10T01:00-05:00", 2) == ["03-10 01:30-05:00", "03-10 03:30-04:00"]


@pytest.mark.parametrize("hours", ["*", "*/1", "0-23", "0-11,12-23"])
def test_every_hour_is_every_hour_however_it_is_spelt(hours):
    assert runs(f"45 {hours} * * *", NEW_YORK, "2024-11-03T01:00-04:00", 2) == [
        "11-03 01:45-04:00",
        "11-03 01:45-05:00",
    ]


def test_clocks_set_back_by_half_an_hour_repeat_an_hourly_run():
    found = runs("40 * * * *", LORD_HOWE, "2024-04-07T01:00+11:00", 3)
    assert found == ["04-07 01:40+11:00", "04-07 01:40+10:30", "04-07 02:40+10:30"]


def test_clocks_set_back_over_midnight_repeat_its_run():
    found = runs("0 * * * SUN", ZoneInfo("America/St_Johns"), "2006-10-28T12:00-02:30", 3)
    assert found == ["10-29 00:00-02:30", "10-29 00:00-03:30", "10-29 01:00-03:30"]


def test_a_day_that_is_left_out_has_no_hourly_runs():
    found = runs("30 * 30 * *", ZoneInfo("Pacific/Apia"), "2011-12-29T12:00-10:00", 1)
    assert found == ["01-30 00:30+14:00"]


def test_clocks_set_by_half_an_hour_lose_no_later_run_of_the_day():
    assert runs("0 */6 * * *", LORD_HOWE, "2024-04-07T00:00+11:00", 1) == ["04-07 06:00+10:30"]
    assert runs("0 */6 * * *", LORD_HOWE, "2024-10-06T00:00+10:30", 1) == ["10-06 06:00+11:00"]


def test_the_next_run_is_strictly_later_even_by_a_microsecond():
    cron, nine = Cron.parse("0 9 * * *"), datetime(2024, 5, 6, 9, tzinfo=UTC)
    assert cron.after(nine - timedelta(microseconds=1), ZoneInfo("UTC")) == nine
    assert cron.after(nine, ZoneInfo("UTC")) == nine + timedelta(days=1)
    assert cron.after(nine + timedelta(microseconds=1), ZoneInfo("UTC")) == nine + timedelta(days=1)


def test_the_calendar_alone_knows_no_clock_change():
    assert Cron.parse("30 2 * * *").wall_after(wall("2024-03-10")) == wall("2024-03-10 02:30")
    assert Cron.parse("30 * * * *").wall_after(wall("2024-03-10 01:30")) == wall("2024-03-10 02:30")


@pytest.mark.parametrize("expression", ["0 9 * * *", "0 * * * *"])
def test_there_is_no_run_after_the_year_2199(expression):
    cron = Cron.parse(expression)
    assert cron.after(datetime(2199, 12, 31, 23, 30, tzinfo=UTC), ZoneInfo("UTC")) is None
    assert cron.after(datetime(9999, 12, 31, tzinfo=UTC), ZoneInfo("UTC")) is None
    assert cron.wall_after(wall("2199-12-31 23:30")) is None


def test_a_29_february_is_found_over_the_year_2100_which_has_none():
    assert Cron.parse("0 0 29 2 *").wall_after(wall("2096-03-01")) == wall("2104-02-29")


def test_the_rarest_of_days_is_found():
    assert Cron.parse("0 0 */28 2 MON#5").wall_after(wall("2072-03-01")) == wall("2112-02-29")


@pytest.mark.parametrize(
    ("expression", "field", "term"),
    [
        ("60 * * * *", "minute", "60"),
        ("-1 * * * *", "minute", "-1"),
        ("1.5 * * * *", "minute", "1.5"),
        ("*/0 * * * *", "minute", "*/0"),
        ("1/2/3 * * * *", "minute", "1/2/3"),
        ("1-2-3 * * * *", "minute", "1-2-3"),
        ("*5 * * * *", "minute", "*5"),
        ("٣ * * * *", "minute", "٣"),
        ("* 24 * * *", "hour", "24"),
        ("* 1,2,99 * * *", "hour", "99"),
        ("* 22-2 * * *", "hour", "22-2"),
        ("* 1, * * *", "hour", ""),
        ("* , * * *", "hour", ""),
        ("* L * * *", "hour", "L"),
        ("* * 0 * *", "day-of-month", "0"),
        ("* * 32 * *", "day-of-month", "32"),
        ("* * ? * *", "day-of-month", "?"),
        ("* * 15W * *", "day-of-month", "15W"),
        ("* * * 0 *", "month", "0"),
        ("* * * 13 *", "month", "13"),
        ("* * * JANUARY *", "month", "JANUARY"),
        ("* * * * 8", "day-of-week", "8"),
        ("* * * * MON#6", "day-of-week", "MON#6"),
        ("* * * * MON#", "day-of-week", "MON#"),
        ("* * * * 5-L", "day-of-week", "5-L"),
        ("* * * * ſun", "day-of-week", "ſun"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong_and_what_it_takes(expression, field, term):
    with pytest.raises(ValueError, match=rf"^{field}: ") as refused:
        Cron.parse(expression)
    assert f"{field}: {term!r} is not understood; it takes " in str(refused.value)


@pytest.mark.parametrize("expression", ["", "*", "* * * *", "0 0 9 * * 1", "@daily", "* * * * * 2026"])
def test_anything_but_five_fields_is_refused_with_their_names(expression):
    with pytest.raises(ValueError, match=r"has 5 fields \(minute, hour, day-of-month, month, day-of-week\), not \d"):
        Cron.parse(expression)


@pytest.mark.parametrize(
    "expression",
    ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 FEB */2", "0 0 */16 2 MON#5", "0 0 */31 * 2#2"],
)
def test_an_expression_that_never_comes_is_refused(expression):
    with pytest.raises(ValueError, match="never comes"):
        Cron.parse(expression)


def test_too_long_an_expression_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match=f"at most {LONGEST} characters"):
        Cron.parse("*/1," * 1_000_000 + "*/1 * * * *")


def test_either_of_two_restricted_days_is_enough():
    cron = Cron.parse("0 0 13 * 5")
    assert cron.wall_after(wall("2024-05-08")) == wall("2024-05-10")
    assert cron.wall_after(wall("2024-05-10")) == wall("2024-05-13")


def test_the_text_is_kept_with_single_spaces():
    assert Cron.parse("  0\t9  * *   mon-fri ").text == "0 9 * * mon-fri"
