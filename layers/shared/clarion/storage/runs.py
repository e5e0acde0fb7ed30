"""Runs and their ledger.

pk ``ORG#<org>#CAMPAIGN#<id>#RUN#<run>``   sk ``RUN`` · ``SHARD#<shard>`` · ``BATCH#<shard>#<sequence>``
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import Campaign
from clarion.domain.errors import NotFound, RuleBroken, Stale
from clarion.domain.run import (
    SENT,
    Batch,
    BatchId,
    BatchState,
    Progress,
    Run,
    RunId,
    RunStatus,
    ShardProgress,
    TakenOver,
)
from clarion.storage.run_rows import (
    OUTCOME,
    batch_key,
    batch_of,
    campaign_action,
    due_of,
    move_of,
    run_item,
    run_key,
    run_of,
    shard_of,
)
from clarion.storage.table import ConditionFailed, Table, put, update

SWEEP_EVERY = timedelta(minutes=1)
_ITEM_LIMIT = 380_000  # bytes of compressed content; DynamoDB's item limit is 400 KB


class RunTable:
    """Every move of a batch is conditional on what the mover saw, so a slow worker cannot undo a quick one's work."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- launching

    def launch(self, campaign: Campaign, run: Run, content: str, links: Sequence[str]) -> None:
        """Write run, content and links and set the campaign running: all of it or nothing. Raises Stale."""
        packed = gzip.compress(content.encode(), mtime=0)
        if len(packed) > _ITEM_LIMIT or sum(len(url.encode()) for url in links) > _ITEM_LIMIT:
            raise RuleBroken("the template is too large to send", "body.templateId")
        org, number = run.id.org, run.id.run
        actions = [
            campaign_action(org, campaign),
            put({**run_key(run.id), **run_item(run), **due_of(run.id, run.started_at + SWEEP_EVERY)}, if_absent=True),
            put({**keys.content(org, campaign.id, number, run.step), "content": packed}, if_absent=True),
            put({**keys.links(org, campaign.id, number, run.step), "urls": list(links)}, if_absent=True),
        ]
        self._transact(actions, campaign)

    def content(self, run: Run) -> str:
        """The compiled content of the run's step, as it was frozen at launch."""
        item = self._table.get(keys.content(run.id.org, run.id.campaign, run.id.run, run.step))
        if item is None:
            raise NotFound("content", run.id.campaign)
        return gzip.decompress(item["content"]).decode()

    def get(self, run_id: RunId) -> Run:
        """Raises NotFound."""
        item = self._table.get(run_key(run_id))
        if item is None:
            raise NotFound("run", f"{run_id.campaign}/{run_id.run}")
        return run_of(run_id, item)

    def finish(self, campaign: Campaign, run_id: RunId, status: RunStatus) -> None:
        """Move run and campaign together, out of (or, for ``running``, back into) the due index. Raises Stale.

        A run that goes on is due at once, and looks as if nobody had worked on it: the next tick queues its batches.
        """
        change: dict[str, Any] = {"set": {"status": status.value}, "remove": ["due_pk", "due_sk"]}
        if status == RunStatus.RUNNING:
            done = self.progress(run_id).batches_done
            change = {"set": {"status": status.value, "swept_done": done, **due_of(run_id, campaign.updated_at)}}
        actions = [campaign_action(run_id.org, campaign), update(run_key(run_id), **change)]
        self._transact(actions, campaign)

    def postpone(self, run_id: RunId, until: datetime, swept_done: int) -> None:
        """Come back to a running run at ``until``, remembering how many batches were done; TakenOver when it ended."""
        change = {**due_of(run_id, until), "swept_done": swept_done}
        running = {":running": RunStatus.RUNNING.value}
        names = {"#status": "status"}
        try:
            self._table.update(run_key(run_id), set=change, condition="#status = :running", names=names, values=running)
        except ConditionFailed:
            raise TakenOver from None

    def _transact(self, actions: Sequence[dict[str, Any]], campaign: Campaign) -> None:
        try:
            self._table.transact(actions)
        except ConditionFailed:
            raise Stale("campaign", campaign.id) from None

    # --- planning

    def shard(self, run_id: RunId, shard: int) -> ShardProgress:
        """Planning state of a shard; a fresh one where planning has not begun."""
        item = self._table.get(keys.run_shard(run_id.org, run_id.campaign, run_id.run, shard))
        return shard_of(shard, item or {})

    def plan(
        self, run_id: RunId, seen: ShardProgress, batches: Sequence[Sequence[str]], after: str | None, planned: bool
    ) -> ShardProgress:
        """Add batches of contact ids after what was ``seen``, and move the cursor to ``after``, in one transaction.

        Raises TakenOver when another worker planned meanwhile.
        """
        audience = sum(len(contacts) for contacts in batches)
        key = keys.run_shard(run_id.org, run_id.campaign, run_id.run, seen.shard)
        moved = update(
            key,
            set={"batches": seen.batches + len(batches), "planned": planned, **({"after": after} if after else {})},
            add={"audience": audience},
            condition="attribute_not_exists(batches) OR (batches = :seen AND planned = :no)",
            values={":seen": seen.batches, ":no": False},
        )
        rows = [
            put(
                {
                    **batch_key(BatchId(run_id, seen.shard, seen.batches + n)),
                    "state": BatchState.PLANNED.value,
                    "contacts": list(contacts),
                    "attempts": 0,
                    "moves": 0,
                },
                if_absent=True,
            )
            for n, contacts in enumerate(batches)
        ]
        self._transact_or_taken_over([moved, *rows])
        return replace(
            seen,
            batches=seen.batches + len(batches),
            audience=seen.audience + audience,
            after=after,
            planned=planned,
        )

    def progress(self, run_id: RunId) -> Progress:
        """Where the run stands: one Query."""
        return Progress.of(self.shards(run_id), keys.CONTACT_SHARDS)

    def shards(self, run_id: RunId) -> list[ShardProgress]:
        """The shards in which planning has begun."""
        pk = keys.run_pk(run_id.org, run_id.campaign, run_id.run)
        return [shard_of(int(item["sk"][6:]), item) for item in self._table.query_all(pk, "SHARD#")]

    def batches(self, run_id: RunId, shard: int) -> Iterator[Batch]:
        """A shard's part of the ledger, in order."""
        pk = keys.run_pk(run_id.org, run_id.campaign, run_id.run)
        for item in self._table.query_all(pk, f"BATCH#{shard:02d}#"):
            yield batch_of(BatchId(run_id, shard, int(item["sk"].rsplit("#", 1)[1])), item)

    # --- sending

    def batch(self, batch_id: BatchId) -> Batch:
        """Raises NotFound."""
        item = self._table.get(batch_key(batch_id))
        if item is None:
            raise NotFound("batch", batch_id.reference)
        return batch_of(batch_id, item)

    def claim(self, seen: Batch, owner: str, lease_until: str) -> Batch:
        """Take a batch over, exactly as it was seen; raises TakenOver when somebody else moved it."""
        mine = replace(seen, state=BatchState.CLAIMED, owner=owner, lease_until=lease_until, attempts=seen.attempts + 1)
        return self.save(seen, mine)

    def save(self, seen: Batch, batch: Batch) -> Batch:
        """Keep a move of one's own batch; raises TakenOver when another worker has it now."""
        moved = replace(batch, moves=seen.moves + 1)
        self._move(moved, seen)
        return moved

    def done(self, seen: Batch, batch: Batch, run: Run, now: datetime) -> None:
        """Close a batch, count it, and mark the messages that did not simply go out: one transaction, or TakenOver."""
        run_id, counts = batch.id.run, batch.counts()
        closed = replace(batch, state=BatchState.DONE, call=(), moves=seen.moves + 1)
        shard_key = keys.run_shard(run_id.org, run_id.campaign, run_id.run, batch.id.shard)
        prefix = f"{run.channel}.{run.step}."
        metrics = {prefix + ("sends" if code == SENT else code): n for code, n in counts.items()}
        suffix = batch.id.shard % keys.COUNTER_SUFFIXES
        date = stamp(now)[:10]
        marks = [
            update(
                keys.message(run_id.org, batch.contacts[i], run_id.campaign, run_id.run, run.step, run.channel),
                set={"state": result.code, "detail": result.detail[:500]},
            )
            for i, result in batch.results.items()
            if result.code in ("failed", "rejected", "unknown")
        ]
        self._transact_or_taken_over(
            [
                update(batch_key(batch.id), **move_of(closed, seen)),
                update(shard_key, add={"batches_done": 1, **{OUTCOME + code: n for code, n in counts.items()}}),
                update(keys.day_counters(run_id.org, run_id.campaign, date, suffix), add=metrics),
                *marks,
            ]
        )

    def claim_messages(self, batch: Batch, run: Run, addresses: Mapping[int, str], now: datetime) -> set[int]:
        """Put each recipient's message item where there is none; the indexes that this batch holds now.

        A message that this same batch claimed in an earlier attempt counts as held: its row says that no call for it
        was made.
        """
        run_id = batch.id.run
        message_keys = {
            i: keys.message(run_id.org, batch.contacts[i], run_id.campaign, run_id.run, run.step, run.channel)
            for i in addresses
        }
        items = [
            {
                **message_keys[i],
                "state": BatchState.CLAIMED.value,
                "batch": batch.id.reference,
                "to": address,
                "claimed_at": stamp(now),
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

    def _move(self, batch: Batch, seen: Batch) -> None:
        try:
            self._table.update(batch_key(batch.id), **move_of(batch, seen))
        except ConditionFailed:
            # A write whose answer was lost is repeated and then finds what it wrote itself.
            found = self.batch(batch.id)
            if (found.owner, found.moves) != (batch.owner, batch.moves):
                raise TakenOver from None

    def _transact_or_taken_over(self, actions: Sequence[dict[str, Any]]) -> None:
        try:
            self._table.transact(actions)
        except ConditionFailed:
            raise TakenOver from None
