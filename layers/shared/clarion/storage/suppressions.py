"""Addresses nothing may be sent to, and who took one off the list.

pk ``ORG#<org>#SUPPRESSION#<channel>``  sk ``ADDRESS#<key>``  e.g. ``… / ADDRESS#ann@example.com``
pk ``ORG#<org>#SUPPRESSION#<channel>``  sk ``REMOVED#<time>#<key>``

Unsubscribing (hot/unsubscribe.py), bounces and complaints (storage/engagement.py), users and imports write them; the
first to do so stays. ``address`` ``channel`` ``reason`` ``source`` ``created_at``, and where known ``campaign``
``contact`` ``created_by`` ``import_id`` ``import_row`` ``note``. A removal is JSON in ``body``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.contact import ConsentChannel
from clarion.domain.errors import CursorRefused, NotFound, Stale
from clarion.domain.suppression import Suppression, SuppressionRemoval
from clarion.storage.table import ConditionFailed, Item, Table, delete, put

_LONGEST_ADDRESS = 1024 - len("ADDRESS#")  # octets of UTF-8 that a sort key has room for


class SuppressionTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""
        wanted = [keys.suppression(org_id, channel, address) for address in dict.fromkeys(addresses)]
        return {item["address"] for item in self._table.batch_get(wanted)}

    def find(self, org_id: str, channel: ConsentChannel, address: str) -> Suppression | None:
        """What is known of a normalised address; None where it is not suppressed."""
        item = self._table.get(keys.suppression(org_id, channel, address))
        return _suppression(item) if item else None

    def add(self, org_id: str, suppression: Suppression) -> Suppression:
        """Suppress an address. The answer is what is on the list now: the first to suppress an address stays."""
        key = keys.suppression(org_id, suppression.channel, suppression.address)
        item = _item(key, suppression)
        while True:
            try:
                self._table.put(item, if_absent=True)
                return _suppression(item)
            except ConditionFailed:
                if found := self._table.get(key):  # else it was removed in between
                    return _suppression(found)

    def add_all(self, org_id: str, suppressions: Sequence[Suppression]) -> list[Suppression]:
        """As `add` for many, each of another address; answers in their order."""
        found = [keys.suppression(org_id, each.channel, each.address) for each in suppressions]
        written = self._table.insert_absent([_item(key, each) for key, each in zip(found, suppressions, strict=True)])
        taken = [key for key, new in zip(found, written, strict=True) if not new]
        stored = {(item["pk"], item["sk"]): _suppression(item) for item in self._table.batch_get(taken)}
        kept = []
        for key, new, suppression in zip(found, written, suppressions, strict=True):
            there = suppression if new else stored.get((key["pk"], key["sk"]))
            kept.append(there or self.add(org_id, suppression))
        return kept

    def remove(self, org_id: str, removal: SuppressionRemoval) -> None:
        """Take an address off the list and keep the record of it; raises NotFound, or Stale when it changed."""
        seen = removal.suppression
        key = keys.suppression(org_id, seen.channel, seen.address)
        record = keys.suppression_removal(org_id, seen.channel, stamp(removal.removed_at), seen.address)
        kept = put({**record, "body": removal.model_dump_json(by_alias=True)})
        as_seen = delete(key, "created_at = :seen", {":seen": stamp(seen.created_at)})
        try:
            self._table.transact([as_seen, kept])
        except ConditionFailed:
            if self._table.get(key) is None:
                raise NotFound("suppression", seen.address) from None
            raise Stale("suppression", seen.address) from None

    def list(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[Suppression], dict[str, Any] | None]:
        """One page in order of address, and the position to go on from (None at the end)."""
        after = None if position is None else keys.suppression(org_id, channel, _text_in(position, "address"))
        pk = keys.suppressions_pk(org_id, channel)
        items, last = self._table.query(pk, "ADDRESS#", after=after, limit=limit)
        return [_suppression(item) for item in items], {
            "address": last["sk"].removeprefix("ADDRESS#")
        } if last else None

    def removals(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[Sequence[SuppressionRemoval], dict[str, Any] | None]:
        """One page of who removed what, newest first, and the position to go on from (None at the end)."""
        pk = keys.suppressions_pk(org_id, channel)
        after = None if position is None else {"pk": pk, "sk": f"REMOVED#{_text_in(position, 'removal')}"}
        items, last = self._table.query(pk, "REMOVED#", after=after, limit=limit, newest_first=True)
        found = [SuppressionRemoval.model_validate_json(item["body"]) for item in items]
        return found, {"removal": last["sk"].removeprefix("REMOVED#")} if last else None


def _text_in(position: Mapping[str, Any], name: str) -> str:
    """Raises CursorRefused for what no suppression's key can hold."""
    text = position.get(name)
    if not (isinstance(text, str) and 0 < len(text.encode()) <= _LONGEST_ADDRESS):
        raise CursorRefused
    return text


def _item(key: Mapping[str, str], suppression: Suppression) -> Item:
    said = {name: getattr(suppression, name) for name in Suppression.model_fields}
    known = {name: value for name, value in said.items() if value is not None}
    return {**key, **known, "created_at": stamp(suppression.created_at)}


def _suppression(item: Item) -> Suppression:
    known = {name: item.get(name) for name in Suppression.model_fields}
    return Suppression.model_validate(known | {"created_at": moment(item["created_at"])})
