"""What people write to the numbers an organisation's messages come from: opt-outs, opt-ins, replies.

A vendor names the phone and nothing of ours, so what is written answers the message that went to that phone last. An
opt-out holds for the number itself, whether or not anything was ever sent there.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from clarion.domain.contact import ConsentChannel
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.errors import NotFound, Stale
from clarion.domain.inbound_text import InboundText, Intent
from clarion.domain.suppression import Suppression, SuppressionRemoval
from clarion.domain.vendor_events import VendorEvent

LONGEST_TEXT = 1_000
"""Characters kept of a reply."""
_OPTED_OUT = "opt_out"


class Tellings(Protocol):
    def begin(self, org_id: str, source: str, vendor_id: str, at: datetime) -> tuple[datetime, bool]:
        """When it was told first, and whether it was seen through."""

    def finish(self, org_id: str, source: str, vendor_id: str) -> None:
        """It was seen through."""


class Phones(Protocol):
    def last_message(self, org_id: str, phone: str) -> MessageRef | None:
        """None where nothing was sent to that number."""

    def wish(self, org_id: str, phone: str, wish: Intent, at: datetime) -> bool:
        """Keep what a number asked for; False where it asked for something later than that."""


class Suppressions(Protocol):
    def find(self, org_id: str, channel: ConsentChannel, address: str) -> Suppression | None: ...
    def add(self, org_id: str, suppression: Suppression) -> Suppression: ...
    def take_back(self, org_id: str, removal: SuppressionRemoval) -> None:
        """Remove it, and put what it took the place of on the list again; raises NotFound, or Stale when it changed."""


class VendorEventStore(Protocol):
    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        """Keep events; False for each that was told before."""


class InboundTextService:
    def __init__(
        self, tellings: Tellings, phones: Phones, suppressions: Suppressions, events: VendorEventStore
    ) -> None:
        self._tellings, self._phones = tellings, phones
        self._suppressions, self._events = suppressions, events

    def receive(self, org_id: str, text: InboundText) -> str:
        """Do what a text asks for, once however often it is told; what came of it, as a stable code.

        Dying half-way is harmless: told again, the rest is done, at the time of the first telling.
        """
        at, done = self._tellings.begin(org_id, text.source, text.vendor_id, text.at)
        if done:
            return "told before"
        text = replace(text, at=at)
        match text.intent:
            case Intent.OPT_OUT:
                outcome = self._opt_out(org_id, text)
            case Intent.OPT_IN:
                outcome = self._opt_in(org_id, text)
            case Intent.REPLY:
                outcome = self._reply(org_id, text)
            case Intent.HELP:
                outcome = "help"
        self._tellings.finish(org_id, text.source, text.vendor_id)
        return outcome

    def _opt_out(self, org_id: str, text: InboundText) -> str:
        if not self._phones.wish(org_id, text.sender, Intent.OPT_OUT, text.at):
            return "overtaken by an opt-in"
        answered = self._phones.last_message(org_id, text.sender)
        suppression = Suppression(
            address=text.sender,
            channel="sms",
            reason=_OPTED_OUT,
            source=text.source,
            campaign=answered.campaign if answered else None,
            contact=answered.contact if answered else None,
            created_at=text.at,
        )
        self._suppressions.add(org_id, suppression)
        if answered is None:
            return "opted out, of nobody's message"
        self._events.add([_event(text, answered, Kind.UNSUBSCRIBE)])
        return "opted out"

    def _opt_in(self, org_id: str, text: InboundText) -> str:
        if not self._phones.wish(org_id, text.sender, Intent.OPT_IN, text.at):
            return "overtaken by an opt-out"
        while True:
            found = self._suppressions.find(org_id, "sms", text.sender)
            if found is None or found.reason != _OPTED_OUT or found.created_at > text.at:
                return "opted in, and nothing to take back"
            removal = SuppressionRemoval(suppression=found, removed_by=text.source, removed_at=text.at)
            try:
                self._suppressions.take_back(org_id, removal)
            except (NotFound, Stale):
                continue  # somebody else changed the list: judge anew
            return "opted in"

    def _reply(self, org_id: str, text: InboundText) -> str:
        answered = self._phones.last_message(org_id, text.sender)
        if answered is None:
            return "skipped: a reply to nobody's message"
        [kept] = self._events.add([_event(text, answered, Kind.REPLY)])
        return "recorded" if kept else "told before"


def _event(text: InboundText, answered: MessageRef, kind: Kind) -> VendorEvent:
    said = text.body[:LONGEST_TEXT] if kind is Kind.REPLY else ""
    return VendorEvent(answered, kind, text.at, text.source, text.vendor_id, text=said)
