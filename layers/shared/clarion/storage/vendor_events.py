"""Vendors' events among the engagement events, under an id made of the vendor's own.

pk ``ORG#<org>#CONTACT#<contact>``  sk ``EVENT#<time>#<id>``  e.g. ``… / EVENT#2026-11-21T09:00:00.000Z#01JA…``
"""

from collections.abc import Sequence

from clarion import clock, keys
from clarion.domain.engagement import RETENTION
from clarion.domain.ids import derived_id
from clarion.domain.vendor_events import VendorEvent
from clarion.storage.table import Item, Table

LONGEST_NAME = 512
"""Characters kept of a vendor's name for an event, for people to read; the event's id is made of all of them."""


class VendorEventTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        """Keep events; False for each that was told before. An event's key is the same each time it is told."""
        items = {(item["pk"], item["sk"]): item for item in map(_item, events)}
        written = dict(zip(items, self._table.insert_absent(list(items.values())), strict=True))
        # Told twice in one batch, it is written once: the first of the two counts as recorded.
        return [written.pop((item["pk"], item["sk"]), False) for item in map(_item, events)]


def _item(event: VendorEvent) -> Item:
    message, at = event.message, clock.stamp(event.at)
    key = keys.event(message.org, message.contact, at, derived_id(event.source, event.vendor_id))
    return {
        **key,
        "kind": event.kind.value,
        "msg": keys.message_sk(*message[2:]),
        "at": at,
        "source": event.source,
        "vendor_id": event.vendor_id[:LONGEST_NAME],
        "bounce_type": event.bounce_type,
        "text": event.text or None,
        "expires_at": int((event.at + RETENTION).timestamp()),
    }
