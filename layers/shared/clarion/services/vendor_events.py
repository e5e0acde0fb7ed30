"""Vendors' events: kept once, however often they are told; counting follows from the table's stream."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

Reader = Callable[[Any], VendorEvent | Skipped]
"""Makes our event of a vendor's message; raises MalformedEvent where it cannot."""


@dataclass(frozen=True)
class Recorded:
    """``outcomes``: messages by what became of them (``recorded``, ``told before``, ``skipped: …``); ``failed``: what
    could not be read, by position, and why."""

    outcomes: Mapping[str, int]
    failed: Mapping[int, str]


class VendorEventStore(Protocol):
    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        """Keep events; False for each that was told before."""


class VendorEventService:
    def __init__(self, store: VendorEventStore, read: Reader) -> None:
        self._store, self._read = store, read

    def record(self, messages: Sequence[Any], org_id: str | None = None) -> Recorded:
        """Keep what the messages tell; one that cannot be read fails alone.

        What a vendor tells under one organisation's credentials is that organisation's to tell: with ``org_id``,
        events of another's messages are skipped.
        """
        failed: dict[int, str] = {}
        events: list[VendorEvent] = []
        outcomes: Counter[str] = Counter()
        for position, message in enumerate(messages):
            try:
                event = self._read(message)
            except MalformedEvent as error:
                failed[position] = str(error)
                continue
            if isinstance(event, Skipped):
                outcomes[f"skipped: {event.reason}"] += 1
            elif org_id not in (None, event.message.org):
                outcomes["skipped: of another organisation"] += 1
            else:
                events.append(event)
        for kept in self._store.add(events):
            outcomes["recorded" if kept else "told before"] += 1
        return Recorded(dict(outcomes), failed)
