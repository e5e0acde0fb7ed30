"""When send windows and quiet hours next let a message out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.local_time import next_open
from clarion.domain.sending_rules import QuietHours
from clarion.domain.timing import SendWindow
from tests.domain.clock_changes import DAYS, minutes, zones_and_moments

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = SendWindow(days=("mon", "tue", "wed", "thu", "fri"), from_="09:00", to="17:00")
NIGHT = QuietHours(from_="21:00", to="08:00")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opens(moment, *rules, zone=BERLIN, campaign_zone=TOKYO):
    windows = [rule for rule in rules if isinstance(rule, SendWindow)]
    return next_open(utc(moment), zone, campaign_zone, windows, [rule for rule in rules if rule not in windows])


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2024-05-06 10:00:00.5", "2024-05-06 10:00:00.5"),  # Monday, open
        ("2024-05-06 07:00", "2024-05-06 07:00"),  # the first moment
        ("2024-05-06 06:59:59.999999", "2024-05-06 07:00"),
        ("2024-05-06 14:59:59.999999", "2024-05-06 14:59:59.999999"),  # the last
        ("2024-05-06 15:00", "2024-05-07 07:00"),
        ("2024-05-10 15:00", "2024-05-13 07:00"),  # over the weekend
    ],
)
def test_a_window_opens_on_its_days_and_hours(moment, opening):
    assert opens(moment, OFFICE) == utc(opening)


def test_without_rules_it_is_always_open():
    moment = datetime(2024, 5, 6, 10, 0, 1, tzinfo=BERLIN)
    found = next_open(moment, BERLIN, TOKYO, [], [])
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2024-05-06 18:59", "2024-05-06 18:59"),
        ("2024-05-06 19:00", "2024-05-07 06:00"),
        ("2024-05-07 05:59", "2024-05-07 06:00"),
        ("2024-05-07 06:00", "2024-05-07 06:00"),
    ],
)
def test_quiet_hours_past_midnight_end_in_the_morning(moment, opening):
    assert opens(moment, NIGHT) == utc(opening)


def test_quiet_hours_within_a_day_end_that_day():
    siesta = QuietHours(from_="13:00", to="15:00")
    assert opens("2024-05-06 11:00", siesta) == utc("2024-05-06 13:00")
    assert opens("2024-05-06 10:59", siesta) == utc("2024-05-06 10:59")


def test_midnight_as_the_end_is_the_end_of_the_day():
    evening = SendWindow(days=("fri",), from_="20:00", to="00:00")
    assert opens("2024-05-10 21:59", evening) == utc("2024-05-10 21:59")
    assert opens("2024-05-10 22:00", evening) == utc("2024-05-17 18:00")


def test_a_window_past_midnight_belongs_to_the_day_it_began_on():
    late = SendWindow(days=("fri",), from_="22:00", to="02:00")
    assert opens("2024-05-10 23:59", late) == utc("2024-05-10 23:59")  # Saturday, 01:59
    assert opens("2024-05-11 00:00", late) == utc("2024-05-17 20:00")
    assert opens("2024-05-09 23:00", late) == utc("2024-05-10 20:00")  # Friday, 01:00 is not Friday's window


def test_each_rule_reads_its_own_clock():
    campaign_office = OFFICE.model_copy(update={"timezone": "campaign"})
    assert opens("2024-05-06 10:00", campaign_office) == utc("2024-05-07 00:00")  # nine in Tokyo
    assert opens("2024-05-06 10:00", campaign_office, NIGHT) == utc("2024-05-07 06:00")  # eight in Berlin


def test_every_window_must_be_open():
    afternoon = SendWindow(from_="13:00", to="20:00")
    assert opens("2024-05-10 16:00", OFFICE, afternoon) == utc("2024-05-13 11:00")


@pytest.mark.parametrize(
    "rules",
    [
        (SendWindow(days=("mon",)), SendWindow(days=("tue",))),
        (SendWindow(from_="22:00", to="23:00"), NIGHT),
        (QuietHours(from_="00:00", to="12:00"), QuietHours(from_="12:00", to="00:00")),
    ],
)
def test_rules_that_contradict_each_other_never_open(rules):
    assert opens("2024-05-06 10:00", *rules) is None


def test_a_window_in_the_skipped_hour_stays_shut_that_day():
    dark = SendWindow(from_="02:00", to="03:00")
    assert opens("2024-03-10 06:30", dark, zone=NEW_YORK) == utc("2024-03-11 06:00")


def test_a_window_that_begins_in_the_skipped_hour_opens_right_after_it():
    assert opens("2024-03-10 06:30", SendWindow(from_="02:30", to="05:00"), zone=NEW_YORK) == utc("2024-03-10 07:00")


def test_quiet_hours_that_end_in_the_skipped_hour_end_right_after_it():
    assert opens("2024-03-10 06:30", QuietHours(from_="22:00", to="02:30"), zone=NEW_YORK) == utc("2024-03-10 07:00")


def test_a_window_in_the_repeated_hour_opens_again():
    short = SendWindow(from_="01:00", to="01:30")
    assert opens("2024-11-03 05:45", short, zone=NEW_YORK) == utc("2024-11-03 06:00")


def test_quiet_hours_that_end_in_the_repeated_hour_begin_again():
    early = QuietHours(from_="22:00", to="01:30")
    assert opens("2024-11-03 05:45", early, zone=NEW_YORK) == utc("2024-11-03 05:45")
    assert opens("2024-11-03 06:00", early, zone=NEW_YORK) == utc("2024-11-03 06:30")


clock_times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
sources = st.sampled_from(["recipient", "campaign"])
week = st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
windows = st.builds(
    SendWindow,
    days=st.lists(week, min_size=4, max_size=7, unique=True).map(tuple),
    from_=clock_times,
    to=clock_times,
    timezone=sources,
)
quiet_hours = (
    st.tuples(clock_times, clock_times, sources)
    .filter(lambda drawn: drawn[0] != drawn[1])
    .map(lambda drawn: QuietHours(from_=drawn[0], to=drawn[1], timezone=drawn[2]))
)


def is_open(rule, wall):
    """What a person reads off the rule and a clock on the wall."""
    now, day = f"{wall:%H:%M}", f"{wall:%a}".lower()
    yesterday = f"{wall - timedelta(days=1):%a}".lower()
    if isinstance(rule, QuietHours):
        spans = (rule.from_ <= now < rule.to) if rule.from_ < rule.to else (now >= rule.from_ or now < rule.to)
        return not spans
    if rule.from_ < rule.to:
        return day in rule.days and rule.from_ <= now < rule.to
    return (day in rule.days and now >= rule.from_) or (yesterday in rule.days and now < rule.to)


@settings(max_examples=80, deadline=None)
@given(
    zones_and_moments,
    st.sampled_from(sorted({zone for zone, _ in DAYS})).map(ZoneInfo),
    st.lists(windows, max_size=2),
    st.lists(quiet_hours, max_size=2),
)
def test_it_is_the_first_minute_at_which_all_clocks_and_rules_let_it_out(where, campaign_zone, windows, quiet):
    zone, moment = where
    scan = zip(minutes(moment, 3, zone), minutes(moment, 3, campaign_zone), strict=True)
    wanted = next(
        (
            at
            for (at, recipient), (_, campaign) in scan
            if all(
                is_open(rule, recipient if rule.timezone == "recipient" else campaign) for rule in (*windows, *quiet)
            )
        ),
        None,
    )
    found = next_open(moment, zone, campaign_zone, windows, quiet)
    if wanted:
        assert found == wanted
    else:
        assert found is None or found >= moment + timedelta(days=3)
