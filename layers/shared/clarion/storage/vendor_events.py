"""Vendors' events among the engagement events, under an id made of the vendor's own.

pk ``ORG#<org>#CONTACT#<contact>``  sk ``EVENT#<time>#<id>``  e.g. ``… / EVENT#2026-11-21T09:00:00.000Z#01JA…``
"""

from clarion import clock, keys
from clarion.domain.engagement import RETENTION
from clarion.domain.ids import derived_id
from clarion.domain.vendor_events import VendorEvent
from clarion.storage.table import ConditionFailed, Table


class VendorEventTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, event: VendorEvent) -> bool:
        """Keep an event; False where it was told before. Its key is the same each time it is told."""
        message, at = event.message, clock.stamp(event.at)
        key = keys.event(message.org, message.contact, at, derived_id(event.source, event.vendor_id))
        item = {
            **key,
            "kind": event.kind.value,
            "msg": keys.message_sk(*message[2:]),
            "at": at,
            "source": event.source,
            "vendor_id": event.vendor_id,
            "bounce_type": event.bounce_type,
            "expires_at": int((event.at + RETENTION).timestamp()),
        }
        try:
            self._table.put(item, if_absent=True)
        except ConditionFailed:
            return False
        return True
