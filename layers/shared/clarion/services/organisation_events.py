"""What vendors tell of an organisation's own messages, on the address that is the organisation's alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from clarion.domain.inbound_text import InboundText
from clarion.domain.vendor_events import Skipped, VendorEvent


class VendorEventStore(Protocol):
    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        """Keep events; False for each that was told before."""


class Tellings(Protocol):
    def begin(self, org_id: str, source: str, vendor_id: str, at: datetime) -> tuple[datetime, bool]:
        """When it was told first, and whether it was seen through."""


class InboundTexts(Protocol):
    def receive(self, org_id: str, text: InboundText) -> str: ...


class OrganisationEvents:
    """``untimed`` are the sources that tell no time of their events, so that it is that of the first telling."""

    def __init__(
        self,
        events: VendorEventStore,
        tellings: Tellings,
        inbound: InboundTexts,
        untimed: frozenset[str] = frozenset(),
    ) -> None:
        self._events, self._tellings, self._inbound, self._untimed = events, tellings, inbound, untimed

    def record(self, org_id: str, told: VendorEvent | InboundText | Skipped) -> str:
        """Keep what was told, once; what came of it, as a stable code. Events of another organisation are skipped."""
        if isinstance(told, Skipped):
            return f"skipped: {told.reason}"
        if isinstance(told, InboundText):
            return self._inbound.receive(org_id, told)
        if told.message.org != org_id:
            return "skipped: a message of another organisation"
        if told.source in self._untimed:
            # An event's key holds its time, and the same event must have the same key.
            told = replace(told, at=self._tellings.begin(org_id, told.source, told.vendor_id, told.at)[0])
        [kept] = self._events.add([told])
        return "recorded" if kept else "told before"
