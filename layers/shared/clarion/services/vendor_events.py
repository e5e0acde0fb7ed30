"""Vendors' events: kept once, however often they are told; counting follows from the table's stream."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from clarion.domain.vendor_events import Skipped, VendorEvent

Reader = Callable[[Mapping[str, Any]], VendorEvent | Skipped]


class VendorEventStore(Protocol):
    def add(self, event: VendorEvent) -> bool:
        """Keep an event; False where it was told before."""


class VendorEventService:
    """``read`` makes our event of a vendor's message, and raises where it cannot."""

    def __init__(self, store: VendorEventStore, read: Reader) -> None:
        self._store, self._read = store, read

    def record(self, message: Mapping[str, Any]) -> str:
        """What became of it, for the log: ``recorded``, ``told before``, or why it was skipped."""
        event = self._read(message)
        if isinstance(event, Skipped):
            return f"skipped: {event.reason}"
        return "recorded" if self._store.add(event) else "told before"
