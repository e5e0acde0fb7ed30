"""Settling outcomes that were unknown: the message, its batch and all that counts it change together, or not at all.

message pk ``ORG#<org>#CONTACT#<contact>``              sk ``MSG#<campaign>#<run>#<step>#<channel>``
batch   pk ``ORG#<org>#CAMPAIGN#<campaign>#RUN#<run>``  sk ``BATCH#<shard>#<sequence>#<step>``
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clarion import keys
from clarion.domain.engagement import MessageRef
from clarion.domain.run import SENT, UNKNOWN, Batch, BatchState, Result, Run, TakenOver
from clarion.domain.settlement import has_left
from clarion.storage.engagement import state_from_item
from clarion.storage.run_counts import day_counters, shard_key, zone_counters
from clarion.storage.run_rows import LONGEST_DETAIL, OUTCOME, batch_id_of, batch_key, batch_of, message_key, move_of
from clarion.storage.table import ConditionFailed, Item, Table, update

MOST_ROUNDS = 50
"""As many messages of one batch may be told of at the same time, and each makes what the others read out of date."""

_IS_UNKNOWN: dict[str, Any] = {
    "condition": "#state = :unknown",
    "names": {"#state": "state"},
    "values": {":unknown": UNKNOWN},
}


class SettlementTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def settle(self, run: Run, message: MessageRef, result: Result) -> bool:
        """Put ``result`` in the place of the message's unknown outcome, and count it on the day that one was counted.

        False, changing nothing, where the outcome is known, or not yet unknown because the batch is still open. Raises
        TakenOver when others settled messages of the batch all the while.
        """
        for _ in range(MOST_ROUNDS):
            item = self._table.get(keys.message(*message))
            if item is None or item.get("state") != UNKNOWN:
                return False
            batch = self._batch(run, item)
            if batch is None or batch.state != BatchState.DONE:
                return False
            try:
                self._table.transact(list(self._settled(run, batch, message, item, result)))
            except ConditionFailed:
                continue
            return True
        raise TakenOver

    def _settled(
        self, run: Run, batch: Batch, message: MessageRef, item: Item, result: Result
    ) -> Iterator[dict[str, Any]]:
        index = batch.contacts.index(message.contact)
        moved = replace(batch, results={**batch.results, index: result}, moves=batch.moves + 1)
        counts = {UNKNOWN: -1, result.code: 1}
        yield update(keys.message(*message), **_settled_message(result), **_IS_UNKNOWN)
        yield update(batch_key(batch.id), **move_of(moved, batch))
        yield update(shard_key(batch), add={OUTCOME + code: n for code, n in counts.items()})
        date = _closing_date(item, batch)
        yield day_counters(run, batch.id.shard, batch.id.step, batch.variant, counts, date)
        yield from zone_counters(run, batch, counts)
        yield from self._entry(run, batch, message.contact, result)

    def _entry(self, run: Run, batch: Batch, contact: str, result: Result) -> Iterator[dict[str, Any]]:
        """A contact's place in a journey, where it ended with this message."""
        if not run.plan.journey or batch.id.step != len(run.plan.steps) - 1:
            return
        key = keys.entry(run.id.org, contact, run.id.campaign, batch.key)
        if (self._table.get(key) or {}).get("outcome") == UNKNOWN:
            outcome = {"outcome": result.code}
            yield update(key, set=outcome, condition="outcome = :unknown", values={":unknown": UNKNOWN})

    def _batch(self, run: Run, message: Item) -> Batch | None:
        batch_id = batch_id_of(run.id, f"BATCH#{message['batch']}")
        row = self._table.get(batch_key(batch_id))
        return batch_of(batch_id, row) if row else None


@dataclass(frozen=True)
class Heard:
    """A batch that is about to be closed, by what was heard of its unknown messages meanwhile.

    ``batch`` has those that left as sent. ``taken_back`` are those of them that an earlier closing counted as unknown,
    by day. ``marks`` write who is unknown, and are refused when more was heard.
    """

    batch: Batch
    taken_back: Mapping[str, int] = field(default_factory=dict)
    marks: tuple[dict[str, Any], ...] = ()


def heard(table: Table, run: Run, batch: Batch, now: str) -> Heard:
    """Vendors may tell of a message long before it is known that the worker was lost that sent it."""
    unknown = {i: message_key(run, batch, i) for i, result in batch.results.items() if result.code == UNKNOWN}
    items = {item["pk"]: item for item in table.batch_get(unknown.values())} if unknown else {}
    results, counted, taken_back, marks = dict(batch.results), set(batch.settled), Counter[str](), []
    for i, key in unknown.items():
        item = items.get(key["pk"], {})
        if not has_left(state_from_item(item)):
            marks.append(_mark(key, item, batch, batch.results[i], now if i not in counted else ""))
            continue
        results[i] = Result(SENT)
        if i in counted:
            counted.remove(i)
            taken_back[_closing_date(item, batch)] += 1
            marks.append(update(key, **_settled_message(results[i]), **_IS_UNKNOWN))
    return Heard(replace(batch, results=results, settled=tuple(sorted(counted))), taken_back, tuple(marks))


def _mark(key: keys.Key, item: Item, batch: Batch, result: Result, closed_at: str) -> dict[str, Any]:
    """Counting finds by the version that it read the message before it was unknown."""
    version = int(item.get("version", 0))
    marked = {"batch": batch.id.reference, "state": UNKNOWN, "detail": result.detail[:LONGEST_DETAIL]}
    return update(
        key,
        set={**marked, "version": version + 1, **({"closed_at": closed_at} if closed_at else {})},
        condition="version = :read" if version else "attribute_not_exists(version)",
        values={":read": version} if version else {},
    )


def _settled_message(result: Result) -> dict[str, Any]:
    """As if it had been known from the start: what simply went out stays as it was claimed."""
    if result.code == SENT:
        return {"set": {"state": BatchState.CLAIMED.value}, "remove": ["detail", "closed_at"]}
    return {"set": {"state": result.code, "detail": result.detail[:LONGEST_DETAIL]}, "remove": ["closed_at"]}


def _closing_date(message: Item, batch: Batch) -> str:
    """The day on which the message was counted as unknown."""
    return str(message.get("closed_at") or batch.closed_at)[:10]
