"""Addresses nothing may be sent to, and who took one off the list.

pk ``ORG#<org>#SUPPRESSION#<channel>``  sk ``ADDRESS#<key>``  e.g. ``… / ADDRESS#ann@example.com``
pk ``ORG#<org>#SUPPRESSION#<channel>``  sk ``REMOVED#<time>#<key>``

Unsubscribing (hot/unsubscribe.py), bounces and complaints (storage/engagement.py), users and imports write them; who
may take another's place says `clarion.domain.suppression.outranks`. ``address`` ``channel`` ``reason`` ``source``
``created_at``, and where known ``campaign`` ``contact`` ``created_by`` ``import_id`` ``import_row`` ``note``.
``before`` is a map of the same attributes, of what it took the place of. A removal is JSON in ``body``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.contact import ConsentChannel
from clarion.domain.errors import CursorRefused, NotFound, Stale
from clarion.domain.suppression import Suppression, SuppressionRemoval, outranks
from clarion.storage.table import ConditionFailed, Item, Table, delete, put

_AS_SEEN = "reason = :reason AND created_at = :at"
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
        return suppression_of(item) if item else None

    def add(self, org_id: str, suppression: Suppression) -> Suppression:
        """Suppress an address. The answer is what is on the list now: this one, or the one that stays before it."""
        key = keys.suppression(org_id, suppression.channel, suppression.address)
        there: Suppression | None = None
        while True:
            wanted = suppression.model_copy(update={"before": there})
            try:
                if there is None:
                    self._table.put(_item(key, wanted), if_absent=True)
                else:
                    self._table.transact([put_suppression(_item(key, suppression), over=there)])
                return suppression_of(_item(key, wanted))
            except ConditionFailed:
                there = self.find(org_id, suppression.channel, suppression.address)  # None: removed in between
                if there and not outranks(suppression.reason, there.reason):
                    return there

    def add_all(self, org_id: str, suppressions: Sequence[Suppression]) -> list[Suppression]:
        """As `add` for many, each of another address; answers in their order."""
        found = [keys.suppression(org_id, each.channel, each.address) for each in suppressions]
        written = self._table.insert_absent([_item(key, each) for key, each in zip(found, suppressions, strict=True)])
        taken = [key for key, new in zip(found, written, strict=True) if not new]
        stored = {(item["pk"], item["sk"]): suppression_of(item) for item in self._table.batch_get(taken)}
        kept = []
        for key, new, suppression in zip(found, written, suppressions, strict=True):
            there = suppression if new else stored.get((key["pk"], key["sk"]))
            if there is None or outranks(suppression.reason, there.reason):
                there = self.add(org_id, suppression)
            kept.append(there)
        return kept

    def remove(self, org_id: str, removal: SuppressionRemoval) -> None:
        """Take an address off the list and keep the record of it; raises NotFound, or Stale when it changed."""
        seen = removal.suppression
        key = keys.suppression(org_id, seen.channel, seen.address)
        self._remove(org_id, removal, delete(key, _AS_SEEN, _seen(seen)))

    def take_back(self, org_id: str, removal: SuppressionRemoval) -> None:
        """As `remove`, but what the removed one took the place of is on the list again."""
        seen = removal.suppression
        if seen.before is None:
            self.remove(org_id, removal)
            return
        key = keys.suppression(org_id, seen.channel, seen.address)
        again = put(_item(key, seen.before), condition=_AS_SEEN, values=_seen(seen))
        self._remove(org_id, removal, again)

    def _remove(self, org_id: str, removal: SuppressionRemoval, change: dict[str, Any]) -> None:
        seen = removal.suppression
        key = keys.suppression(org_id, seen.channel, seen.address)
        record = keys.suppression_removal(org_id, seen.channel, stamp(removal.removed_at), seen.address)
        kept = put({**record, "body": removal.model_dump_json(by_alias=True)})
        try:
            self._table.transact([change, kept])
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
        return [suppression_of(item) for item in items], {
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


def put_suppression(item: Item, over: Suppression | None) -> dict[str, Any]:
    """A transaction's Put of a suppression: on condition that the address is not on the list, or over what was read
    of it, on condition that it is still there."""
    if over is None:
        return put(item, if_absent=True)
    return put({**item, "before": _attributes(over)}, condition=_AS_SEEN, values=_seen(over))


def suppression_of(item: Mapping[str, Any]) -> Suppression:
    """A suppression from its item."""
    known = {name: item.get(name) for name in Suppression.model_fields}
    before = suppression_of(item["before"]) if "before" in item else None
    return Suppression.model_validate(known | {"created_at": moment(item["created_at"]), "before": before})


def _item(key: Mapping[str, str], suppression: Suppression) -> Item:
    return {**key, **_attributes(suppression)}


def _attributes(suppression: Suppression) -> Item:
    said = {name: getattr(suppression, name) for name in Suppression.model_fields}
    known = {name: value for name, value in said.items() if value is not None}
    if suppression.before:
        known["before"] = _attributes(suppression.before)
    return {**known, "created_at": stamp(suppression.created_at)}


def _seen(suppression: Suppression) -> Item:
    return {":reason": suppression.reason, ":at": stamp(suppression.created_at)}
