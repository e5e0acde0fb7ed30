"""Addresses nothing may be sent to.

pk ``ORG#<org>#SUPPRESSION#<channel>``  sk ``ADDRESS#<key>``  e.g. ``… / ADDRESS#ann@example.com``

Unsubscribing (hot/unsubscribe.py), bounces and complaints (storage/engagement.py) write them: ``address`` ``channel``
``reason`` ``source`` ``created_at``, and ``campaign`` and ``contact`` where one is the cause.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from clarion import keys
from clarion.clock import moment
from clarion.domain.contact import ConsentChannel
from clarion.domain.errors import CursorRefused
from clarion.domain.suppression import Suppression
from clarion.storage.table import Item, Table

_LONGEST_ADDRESS = 1024 - len("ADDRESS#")  # octets of UTF-8 that a sort key has room for


class SuppressionTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""
        wanted = [keys.suppression(org_id, channel, address) for address in dict.fromkeys(addresses)]
        return {item["address"] for item in self._table.batch_get(wanted)}

    def list(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[Suppression], dict[str, Any] | None]:
        """One page in order of address, and the position to go on from (None at the end)."""
        after = None if position is None else keys.suppression(org_id, channel, _address_in(position))
        pk = keys.suppressions_pk(org_id, channel)
        items, last = self._table.query(pk, "ADDRESS#", after=after, limit=limit)
        return [_suppression(item) for item in items], {
            "address": last["sk"].removeprefix("ADDRESS#")
        } if last else None


def _address_in(position: Mapping[str, Any]) -> str:
    """Raises CursorRefused for what no suppression's key can hold."""
    address = position.get("address")
    if not (isinstance(address, str) and 0 < len(address.encode()) <= _LONGEST_ADDRESS):
        raise CursorRefused
    return address


def _suppression(item: Item) -> Suppression:
    known = {name: item.get(name) for name in Suppression.model_fields}
    return Suppression.model_validate(known | {"created_at": moment(item["created_at"])})
