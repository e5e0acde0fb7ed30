"""How often the figures of what was published are read, and when it counts as never published."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clarion.domain.publication import Publication, PublicationState
from tests.fakes.publications import MADE_AT, publication

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def shown(channel: str = "social", ends_after: timedelta | None = None) -> Publication:
    ends_at = MADE_AT + ends_after if ends_after else None
    return publication(channel=channel, ends_at=ends_at).begun().live("1", MADE_AT)


def test_a_post_is_read_first_five_minutes_after_it_was_published() -> None:
    assert shown().next_poll == MADE_AT + 5 * MINUTE


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (5 * MINUTE, 15 * MINUTE),
        (2 * HOUR - MINUTE, 15 * MINUTE),
        (2 * HOUR, HOUR),
        (2 * DAY, 6 * HOUR),
        (14 * DAY, DAY),
        (90 * DAY - MINUTE, DAY),
        (90 * DAY, None),
    ],
)
def test_a_post_is_read_more_and_more_rarely_until_its_figures_have_settled(
    age: timedelta, pause: timedelta | None
) -> None:
    now = MADE_AT + age
    assert shown().next_after(now) == (now + pause if pause else None)


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (HOUR, HOUR),
        (40 * DAY - 30 * MINUTE, 30 * MINUTE),
        (40 * DAY, DAY),
        (43 * DAY - MINUTE, DAY),
        (43 * DAY, None),
    ],
)
def test_an_ad_campaign_is_read_each_hour_to_its_end_and_three_days_more_for_corrections(
    age: timedelta, pause: timedelta | None
) -> None:
    now = MADE_AT + age
    assert shown("ads", ends_after=40 * DAY).next_after(now) == (now + pause if pause else None)


def test_an_ad_campaign_without_an_end_is_read_for_a_year() -> None:
    endless = shown("ads")
    assert endless.next_after(MADE_AT + DAY) == MADE_AT + DAY + HOUR
    assert endless.next_after(MADE_AT + 300 * DAY) == MADE_AT + 301 * DAY
    assert endless.next_after(MADE_AT + 400 * DAY) is None


def test_only_a_second_look_in_vain_proves_that_nothing_was_published() -> None:
    now = MADE_AT + 5 * MINUTE
    once = publication().begun().not_found(now)
    assert (once.state, once.next_poll) == (PublicationState.CALLING, now + 10 * MINUTE)
    twice = once.not_found(now + 10 * MINUTE)
    assert (twice.state, twice.next_poll) == (PublicationState.ABSENT, None)


def test_only_a_second_answer_proves_that_something_was_deleted_and_it_keeps_its_figures() -> None:
    now = MADE_AT + DAY
    known = shown().with_figures({"views": Decimal(5)}, MADE_AT, None)
    once = known.not_found(now)
    assert (once.state, once.next_poll) == (PublicationState.LIVE, now + 10 * MINUTE)
    assert once.with_figures({}, now, None).looks == 0
    gone = once.not_found(now + 10 * MINUTE)
    assert (gone.state, gone.next_poll, gone.figures) == (PublicationState.GONE, None, known.figures)


def test_a_metric_gains_what_its_total_has_changed_by() -> None:
    known = shown().with_figures({"views": Decimal(5), "likes": Decimal(2), "shares": Decimal(1)}, MADE_AT, None)
    told = {"views": Decimal(7), "likes": Decimal(1), "shares": Decimal(1)}
    assert known.gained(told) == {"views": 2, "likes": -1}


def test_every_move_is_a_version_of_its_own() -> None:
    begun = publication().begun()
    moves = [begun.live("1", MADE_AT), begun.not_found(MADE_AT), begun.put_off(MADE_AT)]
    assert {move.version for move in moves} == {2}
