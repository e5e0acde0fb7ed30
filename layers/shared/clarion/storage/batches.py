"""The ledger of a run: its batches, and the messages they claim.

pk ``ORG#<org>#CAMPAIGN#<id>#RUN#<run>``   sk ``BATCH#<shard>#<sequence>#<step>``
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.errors import NotFound
from clarion.domain.run import (
    FAILED,
    REJECTED,
    RENDER_FAILED,
    UNKNOWN,
    Batch,
    BatchId,
    BatchState,
    EntryTaken,
    Run,
    RunId,
    ShardProgress,
    TakenOver,
)
from clarion.storage.run_counts import day_counters, entries_ended, shard_key, zone_counters, zone_planned
from clarion.storage.run_rows import (
    LONGEST_DETAIL,
    OUTCOME,
    batch_id_of,
    batch_key,
    batch_of,
    message_key,
    move_of,
    new_batch_item,
    run_key,
)
from clarion.storage.settlements import MOST_ROUNDS, Heard, heard
from clarion.storage.table import ConditionFailed, Table, check, put, update

_MARKED = (FAILED, REJECTED)


class BatchTable:
    """Every move of a batch is conditional on what the mover saw, so a slow worker cannot undo a quick one's work."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- planning

    def add(
        self,
        run: Run,
        seen: ShardProgress,
        batches: Sequence[Batch],
        *,
        after: str | None,
        planned: bool,
        fallbacks: Mapping[str, int],
        now: datetime,
    ) -> ShardProgress:
        """Add batches behind what was ``seen`` and move the cursor to ``after``, in one transaction.

        The batches are numbered from ``seen.sequence`` on; those that are done already (the hold-out) are counted.
        ``fallbacks`` are contacts by zone who are there for want of a zone of their own. Batches of a journey carry a
        ``key``, and each contact's place under it is taken; raises EntryTaken where there is one, and TakenOver when
        another worker planned meanwhile.
        """
        run_id = run.id
        done = [batch for batch in batches if batch.state == BatchState.DONE]
        outcomes = sum((batch.counts() for batch in done), Counter[str]())
        counts = {
            "audience": sum(len(batch.contacts) for batch in batches),
            "batches": len(batches),
            "batches_done": len(done),
            **{OUTCOME + code: n for code, n in outcomes.items()},
        }
        moved = update(
            keys.run_shard(run_id.org, run_id.campaign, run_id.run, seen.shard),
            set={"sequence": seen.sequence + len(batches), "planned": planned, **({"after": after} if after else {})},
            add={name: n for name, n in counts.items() if n},
            condition="attribute_not_exists(#sequence) OR (#sequence = :seen AND planned = :planned)",
            names={"#sequence": "sequence"},
            values={":seen": seen.sequence, ":planned": seen.planned},
        )
        entries = [(contact, batch) for batch in batches if batch.key for contact in batch.contacts]
        actions = [
            moved,
            *(put(new_batch_item(batch), if_absent=True) for batch in batches),
            *zone_planned(run, batches, fallbacks),
            *([day_counters(run, seen.shard, 0, "", outcomes, stamp(now)[:10])] if outcomes else []),
            *([check(run_key(run_id), "#open = :open", {":open": True}, {"#open": "open"})] if run.open else []),
        ]
        places = [
            put(
                {
                    **keys.entry(run_id.org, contact, run_id.campaign, batch.key),
                    "run": run_id.run,
                    "batch": batch.id.reference,
                    "entered_at": stamp(now),
                },
                if_absent=True,
            )
            for contact, batch in entries
        ]
        try:
            self._table.transact([*actions, *places])
        except ConditionFailed as failed:
            if failed.index >= len(actions):
                raise EntryTaken(entries[failed.index - len(actions)][0]) from None
            raise TakenOver from None
        return replace(
            seen,
            sequence=seen.sequence + len(batches),
            batches=seen.batches + len(batches),
            batches_done=seen.batches_done + len(done),
            audience=seen.audience + counts["audience"],
            after=after or seen.after,
            planned=planned,
        )

    # --- reading

    def get(self, batch_id: BatchId) -> Batch:
        """Raises NotFound."""
        item = self._table.get(batch_key(batch_id))
        if item is None:
            raise NotFound("batch", batch_id.reference)
        return batch_of(batch_id, item)

    def of_shard(self, run_id: RunId, shard: int) -> Iterator[Batch]:
        """A shard's part of the ledger, in order."""
        pk = keys.run_pk(run_id.org, run_id.campaign, run_id.run)
        for item in self._table.query_all(pk, f"BATCH#{shard:02d}#"):
            yield batch_of(batch_id_of(run_id, item["sk"]), item)

    # --- sending

    def claim(self, seen: Batch, owner: str, lease_until: str) -> Batch:
        """Take a batch over, exactly as it was seen; raises TakenOver when somebody else moved it."""
        mine = replace(seen, state=BatchState.CLAIMED, owner=owner, lease_until=lease_until, attempts=seen.attempts + 1)
        return self.save(seen, replace(mine, look_at=seen.look_at or lease_until))  # what was laid aside is looked at

    def save(self, seen: Batch, batch: Batch) -> Batch:
        """Keep a move of one's own batch; raises TakenOver when another worker has it now."""
        moved = replace(batch, moves=seen.moves + 1)
        try:
            self._table.update(batch_key(batch.id), **move_of(moved, seen))
        except ConditionFailed:
            # A write whose answer was lost is repeated and then finds what it wrote itself.
            if self.get(batch.id) != moved:
                raise TakenOver from None
        return moved

    def done(self, seen: Batch, batch: Batch, run: Run, now: datetime, successor: Batch | None = None) -> None:
        """Close a batch and count it, mark the messages that did not simply go out, and plan whoever goes on.

        Unknown messages that something was heard of have left. Of a journey's contacts, those not in ``successor`` have
        come to their end. One transaction, or TakenOver.
        """
        for _ in range(MOST_ROUNDS):
            known = heard(self._table, run, batch, stamp(now))
            actions = [*_closing(seen, known, run, now, successor), *known.marks]
            try:
                self._table.transact(actions)
            except ConditionFailed as failed:
                if failed.index < len(actions) - len(known.marks):
                    break
                continue  # something was told of an unknown message just now
            return
        raise TakenOver

    def reopen(self, batch: Batch, run: Run, codes: Sequence[str], now: datetime) -> Batch | None:
        """Take the outcomes ``codes`` back, so that the batch is sent to those recipients again; None without any.

        The mirror of ``done``: counts are given back and claimed messages are claimed as before. TakenOver when the
        batch was moved meanwhile.
        """
        if batch.reopened >= run.retries:
            return None  # what failed since is for the next retry
        back = Counter(result.code for result in batch.results.values() if result.code in codes)
        closed_at = moment(batch.closed_at) if batch.closed_at else now
        if batch.state != BatchState.DONE or not back:
            return None
        kept = {i: result for i, result in batch.results.items() if result.code not in codes}
        again = replace(
            batch,
            state=BatchState.PLANNED,
            results=kept,
            due_at=stamp(now),
            lease_until="",
            look_at=stamp(now),
            attempts=0,
            postponed=0,
            refused_since="",
            moves=batch.moves + 1,
            reopened=run.retries,
            settled=tuple(kept),
        )
        less = {OUTCOME + code: -n for code, n in back.items()}
        taken_back = Counter({code: -n for code, n in back.items()})
        actions = [
            update(batch_key(batch.id), **move_of(again, batch)),
            update(shard_key(batch), add={"batches_done": -1, **less}),
            day_counters(run, batch.id.shard, batch.id.step, batch.variant, taken_back, stamp(closed_at)[:10]),
            *(
                update(message_key(run, batch, i), set={"state": BatchState.CLAIMED.value}, remove=["detail"])
                for i, result in batch.results.items()
                if result.code in codes and result.code != RENDER_FAILED
            ),
            *zone_counters(run, batch, taken_back),
        ]
        try:
            self._table.transact(actions)
        except ConditionFailed:
            raise TakenOver from None
        return again

    def claim_messages(self, batch: Batch, run: Run, addresses: Mapping[int, str], now: datetime) -> set[int]:
        """Put each recipient's message item where there is none; the indexes that this batch holds now.

        A message that this same batch claimed in an earlier attempt counts as held: its row says that no call for it
        was made.
        """
        message_keys = {i: message_key(run, batch, i) for i in addresses}
        items = [
            {
                **message_keys[i],
                "state": BatchState.CLAIMED.value,
                "batch": batch.id.reference,
                "to": address,
                "claimed_at": stamp(now),
                "variant": batch.variant or None,
            }
            for i, address in addresses.items()
        ]
        written = self._table.insert_absent(items)
        held = {i for i, wrote in zip(addresses, written, strict=True) if wrote}
        taken = {message_keys[i]["pk"]: i for i in addresses if i not in held}
        for item in self._table.batch_get([message_keys[i] for i in taken.values()]):
            if item.get("batch") == batch.id.reference:
                held.add(taken[item["pk"]])
        return held


def _closing(seen: Batch, known: Heard, run: Run, now: datetime, successor: Batch | None) -> Iterator[dict[str, Any]]:
    batch, today = known.batch, stamp(now)[:10]
    counted = batch.counts()
    yield update(
        batch_key(batch.id),
        **move_of(replace(batch, state=BatchState.DONE, call=(), moves=seen.moves + 1, closed_at=stamp(now)), seen),
    )
    net = Counter(counted)
    net.subtract({UNKNOWN: sum(known.taken_back.values())} if known.taken_back else {})
    added = {"batches_done": 1, **{OUTCOME + code: n for code, n in net.items()}}
    if successor:
        added |= {"batches": 1, "audience": len(successor.contacts)}
    yield update(shard_key(batch), add=added)
    days = {today: counted}
    for date, n in known.taken_back.items():
        days.setdefault(date, Counter()).subtract({UNKNOWN: n})
    for date, outcomes in days.items():
        yield day_counters(run, batch.id.shard, batch.id.step, batch.variant, outcomes, date)
    yield from zone_counters(run, batch, net)
    claim = {"batch": batch.id.reference}  # whoever was given up without one is held by this batch from now on
    for i, result in batch.results.items():
        if result.code in _MARKED and i not in batch.settled:
            told = {"state": result.code, "detail": result.detail[:LONGEST_DETAIL]}
            yield update(message_key(run, batch, i), set={**claim, **told})
    if successor:
        yield put(new_batch_item(successor), if_absent=True)
    if run.plan.journey and not batch.reopened:
        yield from entries_ended(batch, successor, now)
