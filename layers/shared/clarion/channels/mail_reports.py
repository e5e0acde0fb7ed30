"""What vendors of e-mail report of mails, in words they share, and which of it we count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from clarion.domain.engagement import Kind
from clarion.domain.message_tags import message_of
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

_LAST_YEAR = 9000  # the day an event expires must still be a date
_LATEST = datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()


class Happening(StrEnum):
    """What a report says happened to a mail."""

    QUEUED = "queued"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REJECTED = "rejected"  # the vendor itself did not send it
    FAILED = "failed"  # the vendor could not make it
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    OPENED = "opened"
    CLICKED = "clicked"
    OTHER = "other"


class Cause(StrEnum):
    """Why a mail did not arrive."""

    INVALID = "invalid"
    BOUNCED = "bounced"
    TIMED_OUT = "timed_out"
    BLOCKED = "blocked"
    SPAM = "spam"
    UNSUBSCRIBED = "unsubscribed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """One thing that happened to one recipient's mail; None (or empty) for what the vendor does not tell.

    ``said`` is the vendor's own word, ``SES Open``. ``event_id`` names what happened, ``notice_id`` the message that
    tells of it at ``told_at``. ``message_id`` is the RFC 5322 one, in brackets, or the vendor's own. ``hard`` tells
    that no later mail can arrive either. ``answer`` is the receiving server's. ``variables`` are what the sender gave
    along, ``headers`` those of the mail that the vendor repeats.
    """

    what: Happening
    said: str
    at: datetime | None = None
    event_id: str | None = None
    notice_id: str | None = None
    told_at: datetime | None = None
    message_id: str | None = None
    recipient: str | None = None
    cause: Cause | None = None
    hard: bool = False
    description: str | None = None
    answer: str | None = None
    url: str | None = None
    user_agent: str | None = None
    tags: tuple[str, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


_COUNTED = {
    Happening.DELIVERED: Kind.DELIVERY,
    Happening.BOUNCED: Kind.BOUNCE,
    Happening.REJECTED: Kind.BOUNCE,
    Happening.FAILED: Kind.BOUNCE,
    Happening.COMPLAINED: Kind.COMPLAINT,
    Happening.UNSUBSCRIBED: Kind.UNSUBSCRIBE,
}
"""Opens and clicks are our own pixel's and links' to tell."""


def event_of_report(report: MailReport, source: str) -> VendorEvent | Skipped:
    """The event we count, or why there is none. Raises MalformedEvent."""
    kind = _COUNTED.get(report.what)
    if kind is None:
        return Skipped(report.said)
    ours = message_of(report.variables, "email")
    if ours is None:
        return Skipped("no tags of ours")
    at = report.at or report.told_at
    if at is None:
        raise MalformedEvent("timestamp")
    if not report.event_id:
        raise MalformedEvent("event id")
    try:
        report.event_id.encode()
    except UnicodeEncodeError:  # half a surrogate pair, of which no key can be made
        raise MalformedEvent("event id") from None
    if kind is Kind.BOUNCE and report.cause is Cause.UNSUBSCRIBED:
        # Not sent, because the vendor's list says what ours should say, too.
        return VendorEvent(ours, Kind.UNSUBSCRIBE, at, source, report.event_id)
    bounce: Literal["hard", "soft"] = "hard" if report.hard else "soft"
    return VendorEvent(ours, kind, at, source, report.event_id, bounce if kind is Kind.BOUNCE else None)


def moment_of_epoch(seconds: object) -> datetime | None:
    """The moment of epoch seconds, None for none. Raises MalformedEvent for what is neither."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LATEST:
        raise MalformedEvent("timestamp")
    return datetime.fromtimestamp(seconds, UTC)


def moment_of_text(stamp: object) -> datetime | None:
    """The moment of an ISO 8601 stamp with its offset, None for none. Raises MalformedEvent for what is neither."""
    if stamp is None:
        return None
    try:
        at = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        if at is None or at.tzinfo is None or at.year > _LAST_YEAR:
            raise MalformedEvent("timestamp")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedEvent("timestamp") from None


def text(value: object) -> str | None:
    """``value`` where it is text."""
    return value if isinstance(value, str) else None


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list, or a single one."""
    found = value if isinstance(value, list) else [value]
    return tuple(each for each in found if isinstance(each, str))


def part(value: object, name: str) -> Mapping[str, object]:
    """The object that ``value`` holds under ``name``; empty where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}
