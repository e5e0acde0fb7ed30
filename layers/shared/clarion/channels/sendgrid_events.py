"""Events of SendGrid's Event Webhook as ours
(https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).

One request tells an array of events, in any order, each at least once; ``sg_event_id`` tells them apart.
"""

import json
from collections.abc import Mapping
from typing import Any

from clarion.channels.mail_reports import (
    Cause,
    Happening,
    MailReport,
    event_of_report,
    moment_of_epoch,
    text,
    texts,
)
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

SOURCE = "sendgrid"

_HAPPENINGS = {
    "processed": Happening.QUEUED,
    "deferred": Happening.DEFERRED,
    "delivered": Happening.DELIVERED,
    "bounce": Happening.BOUNCED,
    "dropped": Happening.REJECTED,
    "spamreport": Happening.COMPLAINED,
    "unsubscribe": Happening.UNSUBSCRIBED,
    "group_unsubscribe": Happening.UNSUBSCRIBED,
    "group_resubscribe": Happening.SUBSCRIBED,
    "open": Happening.OPENED,
    "click": Happening.CLICKED,
}
_DROPPED = {
    "invalid": Cause.INVALID,
    "bounced address": Cause.BOUNCED,
    "spam reporting address": Cause.SPAM,
    "unsubscribed address": Cause.UNSUBSCRIBED,
    "spam content": Cause.BLOCKED,
}
_FOR_GOOD = {Cause.INVALID, Cause.BOUNCED, Cause.SPAM}
_OWN = {
    "email", "timestamp", "smtp-id", "event", "category", "sg_event_id", "sg_message_id", "sg_template_id",
    "sg_template_name", "sg_content_type", "sg_machine_open", "reason", "status", "response", "attempt", "useragent",
    "ip", "url", "url_offset", "asm_group_id", "tls", "type", "cert_err", "bounce_classification", "send_at", "pool",
    "unique_args", "newsletter", "post_type",
}  # fmt: skip
"""SendGrid's own names; every other name beside them is one of the sender's ``custom_args``, or new."""


def messages_of(body: bytes) -> list[Mapping[str, Any]]:
    """The events in a request's body. Raises MalformedEvent where it is not an array of objects."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedEvent("not JSON") from None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise MalformedEvent("not an array of events")
    return found


def event_of(message: Mapping[str, Any]) -> VendorEvent | Skipped:
    """Our event of one element of the array. Raises MalformedEvent."""
    return event_of_report(report_of(message), SOURCE)


def report_of(message: Mapping[str, Any]) -> MailReport:
    """What one element of the array tells. Raises MalformedEvent."""
    name = text(message.get("event")) or ""
    what = _HAPPENINGS.get(name, Happening.OTHER)
    reason = text(message.get("reason"))
    cause = _DROPPED.get((reason or "").lower(), Cause.OTHER) if what is Happening.REJECTED else None
    at = moment_of_epoch(message.get("timestamp"))
    event_id = text(message.get("sg_event_id"))
    return MailReport(
        what=what,
        said=f"SendGrid {name}",
        at=at,
        event_id=event_id,
        notice_id=event_id,
        told_at=at,
        message_id=text(message.get("smtp-id")),
        recipient=text(message.get("email")),
        cause=cause,
        hard=cause in _FOR_GOOD or (what is Happening.BOUNCED and _is_hard(message)),
        answer=text(message.get("response")) or (reason if what is Happening.BOUNCED else None),
        url=text(message.get("url")),
        user_agent=text(message.get("useragent")),
        tags=texts(message.get("category")),
        variables={key: value for key, value in message.items() if key not in _OWN},
    )


def _is_hard(bounce: Mapping[str, Any]) -> bool:
    """``blocked`` is a refusal that may pass; what says neither goes by its status (RFC 3463)."""
    kind = bounce.get("type")
    return kind == "bounce" or (kind is None and str(bounce.get("status")).startswith("5"))
