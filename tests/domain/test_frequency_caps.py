"""When a contact's caps let one more message through."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.frequency_caps import RecentSends, caps_of
from clarion.domain.sending_rules import FrequencyCap

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MS = timedelta(milliseconds=1)


def cap(most: int, per: timedelta) -> FrequencyCap:
    return FrequencyCap(channel="email", most=most, per=per)


def sends(*ages: timedelta) -> RecentSends:
    taken = {f"MSG#{n}": NOW - age for n, age in enumerate(ages)}
    return RecentSends(taken, max(taken.values(), default=None))


def test_only_caps_of_the_channel_matter() -> None:
    sms = FrequencyCap(channel="sms", most=1, per=DAY)
    assert caps_of("sms", [cap(1, DAY), sms]) == (sms,)
    assert caps_of("ads", [cap(1, DAY), sms]) == ()


def test_one_more_goes_while_there_are_fewer_than_the_cap_allows() -> None:
    assert sends().has_room([cap(1, DAY)], NOW)
    assert sends(HOUR, HOUR).has_room([cap(3, DAY)], NOW)
    assert not sends(HOUR, HOUR, HOUR).has_room([cap(3, DAY)], NOW)


def test_a_place_is_free_again_exactly_one_period_after_it_was_taken() -> None:
    assert not sends(DAY - MS).has_room([cap(1, DAY)], NOW)
    assert sends(DAY).has_room([cap(1, DAY)], NOW)


def test_every_cap_must_agree() -> None:
    day_and_week = [cap(2, DAY), cap(3, WEEK)]
    assert sends(HOUR, 2 * DAY).has_room(day_and_week, NOW)
    assert not sends(HOUR, 2 * HOUR).has_room(day_and_week, NOW)
    assert not sends(2 * DAY, 3 * DAY, 4 * DAY).has_room(day_and_week, NOW)


def test_a_message_holds_its_place_for_the_longest_period() -> None:
    recent, caps = sends(2 * DAY, WEEK), [cap(2, DAY), cap(3, WEEK)]
    assert recent.holds("MSG#0", caps, NOW)
    assert not recent.holds("MSG#1", caps, NOW)
    assert not recent.holds("MSG#2", caps, NOW)


def test_places_no_cap_counts_any_more_have_outlived() -> None:
    assert sends(HOUR, WEEK - MS, WEEK, 2 * WEEK).outlived([cap(2, DAY), cap(3, WEEK)], NOW) == ["MSG#2", "MSG#3"]


def test_a_place_is_dated_after_every_other_whatever_the_clock_says() -> None:
    assert sends().next_at(NOW + timedelta(microseconds=1999)) == NOW + MS
    assert sends(HOUR).next_at(NOW) == NOW
    assert sends(timedelta(0)).next_at(NOW) == NOW + MS
    assert sends(-HOUR).next_at(NOW) == NOW + HOUR + MS


def test_a_place_given_back_still_dates_the_next() -> None:
    assert RecentSends({}, NOW).next_at(NOW) == NOW + MS


@given(
    clocks=st.lists(st.integers(-600, 7200), min_size=1, max_size=60),
    caps=st.lists(
        st.builds(cap, st.integers(1, 5), st.integers(1, 40).map(lambda m: timedelta(minutes=m))), min_size=1
    ),
)
def test_no_stretch_of_a_caps_period_holds_more_than_it_allows(clocks: list[int], caps: list[FrequencyCap]) -> None:
    """Takes in any order of clocks, forgetting what has outlived after each."""
    recent, history = RecentSends({}, None), list[datetime]()
    for n, clock in enumerate(clocks):
        now = NOW + timedelta(seconds=clock)
        if not recent.has_room(caps, now):
            continue
        at = recent.next_at(now)
        gone = recent.outlived(caps, now)
        recent = RecentSends({m: t for m, t in recent.taken.items() if m not in gone} | {f"MSG#{n}": at}, at)
        history.append(at)
    for each in caps:
        assert all(sum(start <= t < start + each.per for t in history) <= each.most for start in history)
    assert history
