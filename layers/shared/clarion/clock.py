"""Time as the table stores it: UTC, milliseconds, ``Z``; sorts as text. Standard library alone."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, timezone-aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """``2026-11-21T09:00:00.000Z`` for an aware datetime."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The aware datetime of a stamp."""
    return datetime.fromisoformat(text)
