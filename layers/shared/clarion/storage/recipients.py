"""A run's recipients, read from the batch rows of its ledger.

pk ``ORG#<org>#CAMPAIGN#<id>#RUN#<run>``   sk ``BATCH#<shard>#<sequence>``   e.g. ``… / BATCH#07#000012``
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clarion import keys
from clarion.domain.errors import CursorRefused
from clarion.domain.recipients import PENDING, Recipient
from clarion.domain.run import BATCH_SIZE
from clarion.storage.table import Item, Table

ROWS = 40  # batch rows read for one page at most: 2,000 recipients, about 300 KB
_LAST_SEQUENCE = 999_999


class Place(NamedTuple):
    """Where a page begins: recipient ``offset`` of a batch, or whatever follows where there is no such batch."""

    shard: int
    sequence: int
    offset: int

    def batch_before(self) -> tuple[int, int] | None:
        """(shard, sequence) just before the batch, existing or not; None before the first."""
        if self.sequence:
            return self.shard, self.sequence - 1
        return (self.shard - 1, _LAST_SEQUENCE) if self.shard else None


class RecipientTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def list(
        self,
        org_id: str,
        campaign_id: str,
        run: int,
        outcome: str | None,
        limit: int,
        position: Mapping[str, Any] | None,
    ) -> tuple[list[Recipient], dict[str, int] | None]:
        """One page in the order of the ledger, and the position to go on from (None at the end).

        One Query of at most 40 batches: a page may be short, or empty, while there is more. A run that goes on is
        read as it is at the moment; run 0 is that of a campaign never launched, and is empty.
        """
        start = _place(position)
        rows = ROWS if outcome else min(ROWS, limit // BATCH_SIZE + 2)
        before = start.batch_before()
        after = keys.batch(org_id, campaign_id, run, *before) if before else None
        items, more = self._table.query(keys.run_pk(org_id, campaign_id, run), "BATCH#", after=after, limit=rows)
        found: list[Recipient] = []
        for place, recipient in _recipients(items):
            if place < start or not recipient.came_to(outcome):
                continue
            if len(found) == limit:
                return found, place._asdict()
            found.append(recipient)
        if more is None:
            return found, None
        last = _batch_place(more["sk"])
        return found, last._replace(sequence=last.sequence + 1)._asdict()


def _recipients(items: list[Item]) -> Iterator[tuple[Place, Recipient]]:
    for item in items:
        batch = _batch_place(item["sk"])
        results: dict[str, list[str]] = json.loads(item.get("results", "{}"))
        for offset, contact_id in enumerate(item["contacts"]):
            outcome = results.get(str(offset), [PENDING])
            yield batch._replace(offset=offset), Recipient(contact_id, *outcome)


def _batch_place(sk: str) -> Place:
    _, shard, sequence = sk.split("#")
    return Place(int(shard), int(sequence), 0)


def _place(position: Mapping[str, Any] | None) -> Place:
    """Raises CursorRefused for a position that no page ended at."""
    if position is None:
        return Place(0, 0, 0)
    limits = {"shard": keys.CONTACT_SHARDS, "sequence": _LAST_SEQUENCE + 1, "offset": BATCH_SIZE}
    if set(position) != set(limits) or not all(
        type(position[name]) is int and 0 <= position[name] < end for name, end in limits.items()
    ):
        raise CursorRefused
    return Place(**position)
