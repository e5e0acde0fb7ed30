"""Events of Mailgun's webhooks as ours
(https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure).

One request tells one event. Mailgun's older webhooks, which post forms, are read by `mailgun_forms`.
"""

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from clarion.channels.mail_reports import (
    Cause,
    Happening,
    MailReport,
    event_of_report,
    moment_of_epoch,
    part,
    text,
    texts,
)
from clarion.domain.vendor_events import Skipped, VendorEvent

SOURCE = "mailgun"

_HAPPENINGS = {
    "accepted": Happening.QUEUED,
    "delivered": Happening.DELIVERED,
    "failed": Happening.BOUNCED,
    "rejected": Happening.REJECTED,
    "complained": Happening.COMPLAINED,
    "unsubscribed": Happening.UNSUBSCRIBED,
    "opened": Happening.OPENED,
    "clicked": Happening.CLICKED,
}
_REASONS = {
    "bounce": Cause.BOUNCED,
    "suppress-bounce": Cause.BOUNCED,
    "suppress-complaint": Cause.SPAM,
    "suppress-unsubscribe": Cause.UNSUBSCRIBED,
    "old": Cause.TIMED_OUT,
}
CODES = {605: Cause.BOUNCED, 606: Cause.UNSUBSCRIBED, 607: Cause.SPAM}
"""Mailgun's own, beside SMTP's: the address stands on one of its lists, so nothing was sent."""
FOR_GOOD = {Cause.BOUNCED, Cause.SPAM}


def event_of(payload: Mapping[str, Any]) -> VendorEvent | Skipped:
    """Our event of a webhook's JSON. Raises MalformedEvent."""
    return event_of_report(report_of(payload), SOURCE)


def report_of(payload: Mapping[str, Any]) -> MailReport:
    """What a webhook's JSON tells. Raises MalformedEvent."""
    event, signature = part(payload, "event-data"), part(payload, "signature")
    name = text(event.get("event")) or ""
    what = _HAPPENINGS.get(name, Happening.OTHER)
    reason, status = event.get("reason"), part(event, "delivery-status")
    # A failure called temporary is tried again, but for the last: that one's reason is "old".
    if name == "failed" and event.get("severity") != "permanent" and reason != "old":
        what = Happening.DEFERRED
    cause = _cause(name, reason, status.get("code"))
    headers, client = part(part(event, "message"), "headers"), part(event, "client-info")
    token = text(signature.get("token"))
    message_id = text(headers.get("message-id"))
    return MailReport(
        what=what,
        said=f"Mailgun {name}",
        at=moment_of_epoch(event.get("timestamp")),
        event_id=text(event.get("id")) or token,
        notice_id=token,
        message_id=f"<{message_id.strip('<>')}>" if message_id else None,
        recipient=text(event.get("recipient")) or parseaddr(text(headers.get("to")) or "")[1] or None,
        cause=cause,
        hard=what is Happening.BOUNCED and event.get("severity") == "permanent" and cause in FOR_GOOD,
        description=text(status.get("description", part(event, "reject").get("reason"))),
        answer=text(status.get("message")),
        url=text(event.get("url")),
        user_agent=text(client.get("user-agent")),
        tags=texts(event.get("tags")),
        variables=part(event, "user-variables"),
    )


def _cause(name: str, reason: object, code: object) -> Cause | None:
    if name == "failed":
        by_reason = _REASONS.get(reason) if isinstance(reason, str) else None
        return by_reason or (CODES.get(code, Cause.OTHER) if isinstance(code, int) else Cause.OTHER)
    return Cause.OTHER if name == "rejected" else None
