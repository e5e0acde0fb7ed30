"""Events of AWS End User Messaging SMS as ours: what became of a message, and what was written to a number.

https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html
https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html

Our ids come back as ``context`` through a configuration set's SNS topic. EventBridge leaves them out, so its events
name no message of ours.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from clarion.domain.engagement import Kind
from clarion.domain.inbound_text import InboundText, intent_of
from clarion.domain.message_tags import message_of
from clarion.domain.phones import is_e164
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

SOURCE = "aws-sms"

_DELIVERED = {"TEXT_DELIVERED", "TEXT_SUCCESSFUL"}  # which of the two a country reports is its own choice
_BOUNCES: dict[str, Literal["hard", "soft"]] = {
    "TEXT_INVALID": "hard",  # no such number
    "TEXT_INVALID_MESSAGE": "soft",
    "TEXT_UNREACHABLE": "soft",
    "TEXT_CARRIER_UNREACHABLE": "soft",
    "TEXT_BLOCKED": "soft",
    "TEXT_CARRIER_BLOCKED": "soft",
    "TEXT_SPAM": "soft",
    "TEXT_TTL_EXPIRED": "soft",
    "TEXT_PROTECT_BLOCKED": "soft",
}
_LAST_YEAR = 9000  # the day an event expires must still be a date


def event_of(message: Mapping[str, Any], received_at: datetime) -> VendorEvent | InboundText | Skipped:
    """Our event of a message as SNS delivers it, in its envelope or raw, or as EventBridge does.

    ``received_at`` (aware) stands for the time of an inbound message that came without an envelope. Raises
    MalformedEvent.
    """
    event = _unwrapped(message)
    try:
        if isinstance(event.get("inboundMessageId"), str):
            return _inbound(event, _moment(message.get("Timestamp")) or received_at)
        return _status(event)
    except MalformedEvent:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise MalformedEvent(f"{type(error).__name__} {error}") from None


def _unwrapped(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event itself; empty for what is none, such as SNS's words of greeting."""
    inner = message.get("Message", message.get("detail", message))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return {}
    return inner if isinstance(inner, Mapping) else {}


def _status(event: Mapping[str, Any]) -> VendorEvent | Skipped:
    name = event.get("eventType")
    if not isinstance(name, str) or not name.startswith("TEXT_"):
        return Skipped("no event of a text message")
    delivered = name in _DELIVERED
    if not delivered and name not in _BOUNCES:
        return Skipped(f"AWS {name}")
    ours = message_of(event.get("context") or {}, "sms")
    if ours is None:
        return Skipped("no context of ours")
    if event["isFinal"] is not True:
        return Skipped("not final")
    at = datetime.fromtimestamp(event["eventTimestamp"] / 1000, UTC)
    if at.year > _LAST_YEAR:
        raise MalformedEvent("eventTimestamp")
    kind = Kind.DELIVERY if delivered else Kind.BOUNCE
    return VendorEvent(ours, kind, at, SOURCE, _text(event["messageId"]) + f":{name}", _BOUNCES.get(name))


def _inbound(event: Mapping[str, Any], at: datetime) -> InboundText | Skipped:
    sender = _text(event["originationNumber"])
    if not is_e164(sender):
        return Skipped("not from a phone number")
    body = _text(event["messageBody"])
    answers = event.get("previousPublishedMessageId")
    return InboundText(
        sender,
        _text(event["destinationNumber"]),
        body,
        intent_of(body),
        at,
        SOURCE,
        _text(event["inboundMessageId"]),
        answers=_text(answers) if answers else None,
    )


def _moment(stamp: object) -> datetime | None:
    """SNS's own time of publishing, the same each time it delivers the message."""
    if not isinstance(stamp, str):
        return None
    at = datetime.fromisoformat(stamp)
    if at.tzinfo is None or at.year > _LAST_YEAR:
        raise MalformedEvent("Timestamp")
    return at.astimezone(UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    value.encode()  # raises for half a surrogate pair, of which no key can be made
    return value
