"""A run's recipients, read from the batch rows of its ledger.

pk ``ORG#<org>#CAMPAIGN#<id>#RUN#<run>``   sk ``BATCH#<shard>#<sequence>#<step>``   e.g. ``… / BATCH#07#000012#00``
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clarion import keys
from clarion.domain.errors import CursorRefused
from clarion.domain.journey import MOST_STEPS
from clarion.domain.recipients import PENDING, Recipient
from clarion.domain.run import BATCH_SIZE, BatchId, Run
from clarion.storage.run_rows import batch_id_of
from clarion.storage.table import Item, Table

ROWS = 40  # batch rows read for one page at most: 2,000 recipients, about 300 KB
_LAST_SEQUENCE = 999_999


class Place(NamedTuple):
    """Where a page begins: recipient ``offset`` of a batch, or whatever follows where there is no such batch."""

    shard: int
    sequence: int
    step: int
    offset: int

    def batch_before(self) -> tuple[int, int, int] | None:
        """(shard, sequence, step) just before the batch, existing or not; None before the first."""
        if self.step:
            return self.shard, self.sequence, self.step - 1
        if self.sequence:
            return self.shard, self.sequence - 1, MOST_STEPS
        return (self.shard - 1, _LAST_SEQUENCE, MOST_STEPS) if self.shard else None


class RecipientTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def list(
        self, run: Run, outcome: str | None, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Recipient], dict[str, int] | None]:
        """One page in the order of the ledger, and the position to go on from (None at the end).

        One Query of at most 40 batches: a page may be short, or empty, while there is more. A run that goes on is
        read as it is at the moment. A journey has a recipient for each step a contact has come to.
        """
        start = _place(position)
        rows = ROWS if outcome else min(ROWS, limit // BATCH_SIZE + 2)
        run_key, before = (run.id.org, run.id.campaign, run.id.run), start.batch_before()
        after = keys.batch(*run_key, *before) if before else None
        items, more = self._table.query(keys.run_pk(*run_key), "BATCH#", after=after, limit=rows)
        found: list[Recipient] = []
        for place, recipient in _recipients(run, items):
            if place < start or not recipient.came_to(outcome):
                continue
            if len(found) == limit:
                return found, place._asdict()
            found.append(recipient)
        if more is None:
            return found, None
        last = batch_id_of(run.id, more["sk"])
        return found, Place(last.shard, last.sequence, last.step + 1, 0)._asdict()


def _recipients(run: Run, items: list[Item]) -> Iterator[tuple[Place, Recipient]]:
    for item in items:
        batch_id = batch_id_of(run.id, item["sk"])
        results: dict[str, list[str]] = json.loads(item.get("results", "{}"))
        for offset, contact_id in enumerate(item["contacts"]):
            yield _place_of(batch_id, offset), _recipient(run, batch_id, item, contact_id, results.get(str(offset)))


def _recipient(run: Run, batch_id: BatchId, item: Item, contact_id: str, result: list[str] | None) -> Recipient:
    outcome, detail = result or (PENDING, "")
    return Recipient(
        contact_id,
        outcome,
        detail,
        step=run.step(batch_id).id,
        variant=item.get("variant", ""),
        zone=item.get("zone", ""),
        due_at="" if result else item["due_at"],
        outlet=run.plan.outlet(contact_id),
    )


def _place_of(batch_id: BatchId, offset: int) -> Place:
    return Place(batch_id.shard, batch_id.sequence, batch_id.step, offset)


def _place(position: Mapping[str, Any] | None) -> Place:
    """Raises CursorRefused for a position that no page ended at."""
    if position is None:
        return Place(0, 0, 0, 0)
    limits = {
        "shard": keys.CONTACT_SHARDS,
        "sequence": _LAST_SEQUENCE + 1,
        "step": MOST_STEPS + 1,
        "offset": BATCH_SIZE,
    }
    if set(position) != set(limits) or not all(
        type(position[name]) is int and 0 <= position[name] < end for name, end in limits.items()
    ):
        raise CursorRefused
    return Place(**position)
