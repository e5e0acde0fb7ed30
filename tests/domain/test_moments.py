from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from clarion.domain.moments import LocalMoment, Moment

AWARE = TypeAdapter(Moment)
LOCAL = TypeAdapter(LocalMoment)
OUT_OF_RANGE = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+01:00",
    "2201-01-01T00:00:00Z",
    "2200-12-31T23:59:59-01:00",
)


def reason(adapter: TypeAdapter[datetime], value: object) -> str:
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(value)
    return refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "text", ["2026-11-21T09:00:00Z", "2026-11-21 09:00:00.000Z", "2026-11-21T10:00:00+01:00", "2026-11-21T09:00Z"]
)
def test_a_time_with_an_offset_is_read(text):
    assert AWARE.validate_python(text) == LOCAL.validate_python(text) == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_the_first_and_the_last_moment_are_read():
    assert AWARE.validate_python("1970-01-01T00:00:00Z").year == 1970
    assert AWARE.validate_python("2201-01-01T00:59:59+01:00").astimezone(UTC).year == 2200


def test_a_time_without_an_offset_is_read_only_where_a_zone_is_named_elsewhere():
    assert LOCAL.validate_python("2026-11-21T09:00:00") == datetime(2026, 11, 21, 9, tzinfo=UTC).replace(tzinfo=None)
    assert "timezone" in reason(AWARE, "2026-11-21T09:00:00")


@pytest.mark.parametrize("adapter", [AWARE, LOCAL])
@pytest.mark.parametrize(
    "value", [0, 1_800_000_000, 1.5, True, "1800000000", "-1", "1e9", None, "", "tomorrow", [], {}]
)
def test_numbers_and_other_texts_are_no_times(adapter, value):
    assert reason(adapter, value).endswith("not a time in ISO 8601, such as 2026-11-21T09:00:00Z")


@pytest.mark.parametrize("adapter", [AWARE, LOCAL])
@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_times_out_of_range_are_refused_after_their_offset_is_applied(adapter, text):
    assert reason(adapter, text).endswith("a time must lie in the years 1970 to 2200")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_times_out_of_range_are_refused_without_an_offset(text):
    assert "1970 to 2200" in reason(LOCAL, text)


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "2026-11-21T09:00:00+99:00", "2026-11-21T25:00:00Z"])
def test_what_only_looks_like_a_time_is_refused(text):
    assert reason(AWARE, text)


def test_a_time_stays_what_it_is_when_it_is_read_again_from_a_stored_datetime():
    moment = datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert AWARE.validate_python(moment) == moment
