"""Times as callers may name them: ISO 8601 text, in years that every later computation can hold."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

FIRST_YEAR, LAST_YEAR = 1970, 2200

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OUT_OF_RANGE = f"a time must lie in the years {FIRST_YEAR} to {LAST_YEAR}"


def _text(value: Any) -> Any:
    """Refuses numbers and texts of digits, which pydantic would read as seconds or milliseconds since 1970."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("not a time in ISO 8601, such as 2026-11-21T09:00:00Z")
    return value


def _in_range(moment: datetime) -> datetime:
    try:
        year = (moment.astimezone(UTC) if moment.tzinfo else moment).year
    except (OverflowError, ValueError):  # the offset leads out of the years 1 to 9999
        raise ValueError(_OUT_OF_RANGE) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(_OUT_OF_RANGE)
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_in_range)]
"""An aware datetime whose UTC year is 1970 to 2200; the offset stays as it was given."""

LocalMoment = Annotated[datetime, BeforeValidator(_text), AfterValidator(_in_range)]
"""As `Moment`, but a time without an offset is let through naive, for its owner to place in a time zone."""
