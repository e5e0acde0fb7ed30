"""Days around which clocks are changed, and what they show minute by minute: the plain truth to compare with."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)

DAYS = [
    ("America/New_York", datetime(2024, 3, 10, tzinfo=UTC)),
    ("America/New_York", datetime(2024, 11, 3, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2024, 3, 31, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2024, 10, 27, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2024, 4, 6, tzinfo=UTC)),  # back by half an hour
    ("Australia/Lord_Howe", datetime(2024, 10, 5, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, tzinfo=UTC)),  # back at midnight, into the day before
    ("America/Sao_Paulo", datetime(2018, 11, 4, tzinfo=UTC)),  # no midnight
    ("America/Havana", datetime(2024, 11, 3, tzinfo=UTC)),  # two midnights
    ("America/St_Johns", datetime(2006, 10, 29, tzinfo=UTC)),  # back at one minute past midnight
    ("Africa/Cairo", datetime(2024, 10, 31, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2024, 9, 28, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),  # a day left out
    ("Asia/Kathmandu", datetime(2024, 7, 1, tzinfo=UTC)),
    ("UTC", datetime(2024, 2, 29, tzinfo=UTC)),
]

zones_and_moments = st.tuples(st.sampled_from(DAYS), st.integers(-24 * 60, 30 * 60)).map(
    lambda drawn: (ZoneInfo(drawn[0][0]), drawn[0][1] + drawn[1] * MINUTE)
)
"""A zone, and a whole minute within a day or so of a day of its clocks' change."""


def minutes(start: datetime, days: int, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Each minute of so many days: the UTC instant, and what the zone's clocks show then."""
    for count in range(days * 24 * 60):
        moment = start + count * MINUTE
        yield moment, moment.astimezone(zone).replace(tzinfo=None)
