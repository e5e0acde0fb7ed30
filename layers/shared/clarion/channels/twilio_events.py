"""Twilio's callbacks as our events: what became of a message, and what was written to a number.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from collections.abc import Mapping
from datetime import datetime

from clarion.domain.engagement import Kind
from clarion.domain.inbound_text import InboundText, Intent, intent_of
from clarion.domain.message_tags import message_of
from clarion.domain.phones import is_e164
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

SOURCE = "twilio"

_OPTED_OUT = "21610"  # a messaging service finds out after it has accepted the message
_NOBODY_THERE = {"21211", "21214", "21614", "21635", "30005", "30006"}  # no such number, or a landline
_OPT_OUT_TYPES = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}


def event_of(
    query: Mapping[str, str], form: Mapping[str, str], received_at: datetime
) -> VendorEvent | InboundText | Skipped:
    """Our event of a callback: ``query`` of its URL, where our ids are, and fields of its body.

    Twilio tells no time, so ``received_at`` (aware) is the event's. Raises MalformedEvent.
    """
    for value in form.values():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise MalformedEvent("half a surrogate pair") from None
    if form.get("SmsStatus") == "received" or ("Body" in form and "MessageStatus" not in form):
        return _inbound(form, received_at)
    if "MessageStatus" in form:
        return _status(query, form, received_at)
    return Skipped("no event of a text message")


def _status(query: Mapping[str, str], form: Mapping[str, str], at: datetime) -> VendorEvent | Skipped:
    status = form["MessageStatus"]
    if status not in ("delivered", "undelivered", "failed"):
        return Skipped(f"Twilio {status}")
    ours = message_of(query, "sms")
    if ours is None:
        return Skipped("no ids of ours")
    vendor_id = f"{_field(form, 'MessageSid')}:{status}"
    if status == "delivered":
        return VendorEvent(ours, Kind.DELIVERY, at, SOURCE, vendor_id)
    code = form.get("ErrorCode", "")
    if code == _OPTED_OUT:
        return VendorEvent(ours, Kind.UNSUBSCRIBE, at, SOURCE, vendor_id)
    return VendorEvent(ours, Kind.BOUNCE, at, SOURCE, vendor_id, "hard" if code in _NOBODY_THERE else "soft")


def _inbound(form: Mapping[str, str], at: datetime) -> InboundText | Skipped:
    sender = _field(form, "From")
    if not is_e164(sender):
        return Skipped("not from a phone number")
    body = form.get("Body", "")
    return InboundText(
        sender,
        _field(form, "To"),
        body,
        _OPT_OUT_TYPES.get(form.get("OptOutType", "")) or intent_of(body),
        at,
        SOURCE,
        _field(form, "MessageSid"),
        account=form.get("MessagingServiceSid") or _field(form, "AccountSid"),
    )


def _field(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise MalformedEvent(name)
    return form[name]
