"""Places that messages hold under the frequency caps of a contact, over all campaigns.

pk ``ORG#<org>#CONTACT#<contact>``   sk ``CAPS#<channel>``   e.g. ``ORG#acme#CONTACT#01J8… / CAPS#email``

Each place is an attribute of its own, named by the message's sort key, so that giving one back disturbs nobody.
``newest`` grows with every place taken: a write on the condition that it is what was read is refused when another
place was taken in between.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from math import ceil
from typing import Any, TypeVar

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.frequency_caps import RecentSends, caps_of, longest_period
from clarion.domain.sending_rules import FrequencyCap
from clarion.storage.table import ConditionFailed, Item, Table

_ATTEMPTS = 30  # each fails only because another worker took a place of the same contact in that moment
_PLACE = "MSG#"
_T = TypeVar("_T")
_NOBODY = RecentSends({}, None)


class FrequencyCapTable:
    """``parallel`` writes are under way at once; with one, they go in the order of the messages."""

    def __init__(self, table: Table, parallel: int = 1) -> None:
        self._table, self._parallel = table, parallel

    def take(
        self, org_id: str, channel: str, messages: Mapping[str, str], caps: Sequence[FrequencyCap], now: datetime
    ) -> set[str]:
        """Of ``messages`` (contact id → message sort key), the contacts that may be sent to.

        For each of them the message holds a place, newly taken or from an earlier call: repeating a call takes nothing
        twice. Without a cap of the channel everybody may be sent to, and the table is not asked. What was sent before
        there was any cap is not counted. Raises RuntimeError when others go on taking places of a contact for longer
        than there can be attempts; repeating the call is safe then too.
        """
        limits = caps_of(channel, caps)
        if not limits:
            return set(messages)
        granted, pending = set[str](), dict(messages)
        for _ in range(_ATTEMPTS):
            recent = self._recent(org_id, channel, pending)
            granted |= {c for c, message in pending.items() if recent[c].holds(message, limits, now)}
            free = [c for c in pending if c not in granted and recent[c].has_room(limits, now)]

            def taken(contact: str, recent: Mapping[str, RecentSends] = recent) -> bool:
                return self._take(keys.caps(org_id, contact, channel), messages[contact], recent[contact], limits, now)

            results = dict(zip(free, self._each(taken, free), strict=True))
            granted |= {contact for contact, done in results.items() if done}
            pending = {contact: messages[contact] for contact, done in results.items() if not done}
            if not pending:
                return granted
        raise RuntimeError(f"places of {len(pending)} contacts were taken by others in {_ATTEMPTS} attempts")

    def with_room(
        self, org_id: str, channel: str, contacts: Sequence[str], caps: Sequence[FrequencyCap], now: datetime
    ) -> set[str]:
        """Those of the contacts who may be sent one more message now; nothing is taken."""
        limits = caps_of(channel, caps)
        if not limits or not contacts:
            return set(contacts)
        recent = self._recent(org_id, channel, contacts)
        return {contact for contact, sends in recent.items() if sends.has_room(limits, now)}

    def give_back(self, org_id: str, channel: str, messages: Mapping[str, str]) -> None:
        """These messages (contact id → message sort key) were not sent: their places are free again.

        Repeating it, and giving back what was never taken, is harmless.
        """

        def free(contact: str) -> None:
            message = messages[contact]
            try:
                self._table.update(
                    keys.caps(org_id, contact, channel),
                    remove=[message],
                    condition="attribute_exists(#message)",
                    names={"#message": message},
                )
            except ConditionFailed:
                return  # it holds no place

        self._each(free, messages)

    def _recent(self, org_id: str, channel: str, contacts: Iterable[str]) -> dict[str, RecentSends]:
        by_pk = {keys.caps(org_id, contact, channel)["pk"]: contact for contact in contacts}
        rows = self._table.batch_get([{"pk": pk, "sk": keys.caps(org_id, c, channel)["sk"]} for pk, c in by_pk.items()])
        return dict.fromkeys(by_pk.values(), _NOBODY) | {by_pk[row["pk"]]: _recent(row) for row in rows}

    def _take(
        self, key: keys.Key, message: str, recent: RecentSends, caps: Sequence[FrequencyCap], now: datetime
    ) -> bool:
        """Whether it was written; False when another place was taken since ``recent`` was read."""
        at = recent.next_at(now)
        unchanged: dict[str, Any] = {"condition": "attribute_not_exists(newest)"}
        if recent.newest:
            unchanged = {"condition": "newest = :newest", "values": {":newest": stamp(recent.newest)}}
        places = {
            message: stamp(at),
            "newest": stamp(at),
            "expires_at": ceil((at + longest_period(caps)).timestamp()),
        }
        outlived = [old for old in recent.outlived(caps, now) if old != message]
        try:
            self._table.update(key, set=places, remove=outlived, **unchanged)
        except ConditionFailed:
            return False
        return True

    def _each(self, act: Callable[[str], _T], contacts: Iterable[str]) -> list[_T]:
        if self._parallel == 1:
            return [act(contact) for contact in contacts]
        with ThreadPoolExecutor(self._parallel) as threads:
            return list(threads.map(act, contacts))


def _recent(row: Item) -> RecentSends:
    taken = {name: moment(value) for name, value in row.items() if name.startswith(_PLACE)}
    return RecentSends(taken, moment(row["newest"]))
