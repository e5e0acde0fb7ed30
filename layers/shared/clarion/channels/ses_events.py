"""Events of Amazon SES as ours.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
Opens and clicks are our own pixel's and links' to tell, so SES's are left alone.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

_KINDS = {"Delivery": Kind.DELIVERY, "Bounce": Kind.BOUNCE, "Complaint": Kind.COMPLAINT}
_TAG = re.compile(r"[A-Za-z0-9_-]+")  # what SES lets a tag hold
_RUN = re.compile(r"[0-9]{1,4}")
_LAST_YEAR = 9000  # the day an event expires must still be a date


def event_of(message: Mapping[str, Any]) -> VendorEvent | Skipped:
    """Our event of a message that SES published: by itself, in an SNS envelope, or as EventBridge's ``detail``.

    Raises MalformedEvent.
    """
    event = _unwrapped(message)
    if event is None:
        return Skipped("no SES event")
    name = event.get("eventType")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        return Skipped(f"SES {name}")
    try:
        if kind is Kind.COMPLAINT and event["complaint"].get("complaintFeedbackType") == "not-spam":
            return Skipped("not-spam")  # somebody took our mail out of the spam folder
        ours = _message_ref(event["mail"].get("tags") or {})
        if ours is None:
            return Skipped("no tags of ours")
        about = event[kind.value]
        at = datetime.fromisoformat(about["timestamp"])
        if at.tzinfo is None or at.year > _LAST_YEAR:
            raise MalformedEvent("timestamp")
        at = at.astimezone(UTC)
        told = about.get("feedbackId") or about["timestamp"]
        vendor_id = ":".join((event["mail"]["messageId"], str(name), told))
        vendor_id.encode()  # raises for half a surrogate pair, of which no key can be made
        return VendorEvent(ours, kind, at, "ses", vendor_id, _bounce_type(about) if kind is Kind.BOUNCE else None)
    except MalformedEvent:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise MalformedEvent(f"{type(error).__name__} {error}") from None


def _unwrapped(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "eventType" in message:
        return message
    inner = message.get("detail") or message.get("Message")
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except ValueError:
            return None  # SNS says hello to a new subscriber in plain words
    return inner if isinstance(inner, dict) and "eventType" in inner else None


def _message_ref(tags: Mapping[str, Any]) -> MessageRef | None:
    """Which message: its ids were sent along as tags, and come back as lists."""
    values = []
    for name in ("org", "contact", "campaign", "run", "step"):
        value = (tags.get(name) or [""])[0]
        if not isinstance(value, str) or not _TAG.fullmatch(value):
            return None
        values.append(value)
    org, contact, campaign, run, step = values
    return MessageRef(org, contact, campaign, int(run), step, "email") if _RUN.fullmatch(run) else None


def _bounce_type(bounce: Mapping[str, Any]) -> Literal["hard", "soft"]:
    """``Transient`` and ``Undetermined`` may work another time."""
    return "hard" if bounce["bounceType"] == "Permanent" else "soft"
