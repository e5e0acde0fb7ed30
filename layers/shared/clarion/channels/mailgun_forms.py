"""Mailgun's older webhooks, which post a form each: still set up in long-lived accounts.

Variables of the sender are fields like any other and may bear the names of Mailgun's own: Mailgun puts its own before
them, except for the three of the signature, which come last.
"""

import json
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from urllib.parse import parse_qsl

from clarion.channels.mail_reports import (
    Cause,
    Happening,
    MailReport,
    event_of_report,
    moment_of_epoch,
)
from clarion.channels.mailgun_events import CODES, FOR_GOOD, SOURCE
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

Fields = Sequence[tuple[str, str]]

_HAPPENINGS = {
    "delivered": Happening.DELIVERED,
    "dropped": Happening.REJECTED,
    "bounced": Happening.BOUNCED,
    "complained": Happening.COMPLAINED,
    "unsubscribed": Happening.UNSUBSCRIBED,
    "opened": Happening.OPENED,
    "clicked": Happening.CLICKED,
}
_SIGNATURE = ("timestamp", "token", "signature")
_LISTS = ("tag", "X-Mailgun-Tag")
_OWN = {
    "event", "recipient", "domain", "ip", "country", "region", "city", "user-agent", "device-type", "client-type",
    "client-name", "client-os", "campaign-id", "campaign-name", "mailing-list", "message-headers", "Message-Id",
    "message-id", "X-Mailgun-Sid", "code", "error", "notification", "reason", "description", "attachment-count",
    "url", "h", "body-plain", "severity",
}  # fmt: skip
_TIMED_OUT = 499
_MOST_FIELDS = 1_000
_LONGEST_HEAD = 1_000
"""Octets of what stands before a part's content: the time to read them grows by their square, and anybody may ask."""
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")


def fields_of(body: bytes, content_type: str) -> Fields:
    """A form's fields in their order, ``application/x-www-form-urlencoded`` or ``multipart/form-data`` (RFC 7578).

    Raises MalformedEvent for anything else.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        if media_type == "application/x-www-form-urlencoded":
            return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        if media_type == "multipart/form-data":
            return list(_parts(body, content_type))
    except ValueError:
        raise MalformedEvent("not a form") from None
    raise MalformedEvent("not a form")


def event_of(form: Fields) -> VendorEvent | Skipped:
    """Our event of a form. Raises MalformedEvent."""
    return event_of_report(report_of(form), SOURCE)


def signature_of(form: Fields) -> dict[str, str]:
    """What `mailgun_signature.verify` wants: ``timestamp``, ``token`` and ``signature``."""
    return {name: value for name, value in form if name in _SIGNATURE}


def report_of(form: Fields) -> MailReport:
    """What a form tells. Raises MalformedEvent."""
    own = dict(reversed([(name, value) for name, value in form if name in _OWN]))
    signature = signature_of(form)
    name = own.get("event", "")
    what = _HAPPENINGS.get(name, Happening.OTHER)
    failed = what in (Happening.BOUNCED, Happening.REJECTED)
    code = own.get("code", "")
    cause = _cause(code) if failed else None
    message_id = own.get("Message-Id") or own.get("message-id")
    stamp = signature.get("timestamp", "")
    token = signature.get("token")
    return MailReport(
        what=what,
        said=f"Mailgun {name}",
        at=moment_of_epoch(int(stamp)) if stamp.isdecimal() and len(stamp) < 16 else None,
        event_id=token,
        notice_id=token,
        message_id=f"<{message_id.strip('<>')}>" if message_id else None,
        recipient=own.get("recipient"),
        cause=cause,
        hard=failed and cause in FOR_GOOD and not code.startswith("4"),
        description=own.get("description"),
        answer=own.get("error") or own.get("notification"),
        url=own.get("url"),
        user_agent=own.get("user-agent"),
        tags=tuple(value for name, value in form if name in _LISTS),
        variables=_told_in_headers(own.get("message-headers", "")) or _left_over(form),
    )


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Fields, in one pass; files (the mail that was complained about) are left out. Raises ValueError."""
    head = Message()
    head["content-type"] = content_type.replace("\r", "").replace("\n", "")
    boundary = head.get_boundary()
    if not boundary:
        raise ValueError("no boundary")
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()))
    _, *parts = delimiter.split(body, _MOST_FIELDS + 1)
    if len(parts) > _MOST_FIELDS:
        raise ValueError("too many fields")
    for part in parts:
        if part.startswith(b"--"):
            return
        found = _HEAD_ENDS.search(part, 0, _LONGEST_HEAD)
        if found is None:
            raise ValueError("a field without content")
        about = BytesHeaderParser().parsebytes(part[: found.start()].lstrip())
        name = about.get_param("name", header="content-disposition")
        if isinstance(name, str) and about.get_filename() is None:
            yield name, part[found.end() :].decode()


def _cause(code: str) -> Cause:
    """Of an SMTP code, one of Mailgun's own, or an enhanced status (RFC 3463)."""
    first, _, enhanced = code.partition(".")
    if not first.isdecimal() or len(first) > 3:
        return Cause.OTHER
    number = int(first) * 100 if enhanced else int(first)
    if number == _TIMED_OUT:
        return Cause.TIMED_OUT
    return CODES.get(number, Cause.BOUNCED if 400 <= number < 600 else Cause.OTHER)


def _told_in_headers(headers: str) -> dict[str, object]:
    """The variables as the mail itself carried them, where the event repeats its headers."""
    try:
        listed = json.loads(headers or "[]")
        told = [value for name, value in listed if name == "X-Mailgun-Variables"]
        found = json.loads(told[0]) if told else {}
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _left_over(form: Fields) -> dict[str, object]:
    """What remains when Mailgun's own fields are taken away."""
    rest: dict[str, list[str]] = {}
    for name, value in form:
        rest.setdefault(name, []).append(value)
    for name in rest:
        if name in _SIGNATURE:
            rest[name].pop()
        elif name in _OWN:
            rest[name].pop(0)
    return {name: values[-1] for name, values in rest.items() if values and name not in _LISTS}
