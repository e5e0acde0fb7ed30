"""Planning: walk one contact shard of a run and write who gets the message into the ledger.

The audience is frozen as of the launch: a contact created later is not in it. Every page moves the cursor and adds its
batches in one transaction, so a crash, a repeated queue message or two planners at once plan nobody twice and forget
nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import TypeAdapter

from clarion.domain.audience import AudienceDefinition, membership
from clarion.domain.run import BATCH_SIZE, BatchId, Run, RunId, RunStatus, ShardProgress, TakenOver

PAGE = 1000  # contacts read at once
MOST_BATCHES = 20  # batches in one transaction, about 40 KB of contact ids
SPARE_MS = 15_000  # a planner stops and re-queues itself this long before its time is up

_DEFINITION: TypeAdapter[AudienceDefinition] = TypeAdapter(AudienceDefinition)


class Contacts(Protocol):
    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Contact documents in order of id after ``after``, and the id to go on after (None at the end)."""


class Ledger(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def shard(self, run_id: RunId, shard: int) -> ShardProgress: ...
    def plan(
        self, run_id: RunId, seen: ShardProgress, batches: Sequence[Sequence[str]], after: str | None, planned: bool
    ) -> ShardProgress: ...


class Queues(Protocol):
    def plan_shard(self, run_id: RunId, shard: int) -> None: ...
    def send(self, batch_ids: Sequence[BatchId]) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool:
        """Complete the run when its counts add up."""


class PlanService:
    def __init__(self, contacts: Contacts, ledger: Ledger, queues: Queues, completion: Completion) -> None:
        self._contacts, self._ledger, self._queues, self._completion = contacts, ledger, queues, completion

    def plan_message(self, message: Mapping[str, Any], remaining_ms: Callable[[], int]) -> None:
        """As ``plan``, for a message of the plan queue: ``{"org", "campaign", "run", "shard"}``."""
        self.plan(RunId.of(message), int(message["shard"]), remaining_ms)

    def plan(self, run_id: RunId, shard: int, remaining_ms: Callable[[], int]) -> None:
        """Plan what is left of a shard; what time does not allow is queued again.

        Where another planner is at it (TakenOver), that one goes on.
        """
        try:
            self._plan(run_id, shard, remaining_ms)
        except TakenOver:
            return

    def _plan(self, run_id: RunId, shard: int, remaining_ms: Callable[[], int]) -> None:
        run = self._ledger.get(run_id)
        seen = self._ledger.shard(run_id, shard)
        if run.status != RunStatus.RUNNING or seen.planned:
            return
        belongs = membership(_DEFINITION.validate_json(run.definition))
        waiting: list[str] = []  # members not yet in a batch; after a crash they are found again
        scanned, more = seen.after, True
        while more:
            page, after = self._contacts.page_of_shard(run_id.org, shard, scanned, PAGE)
            old_enough = (contact for contact in page if contact["createdAt"] <= run.started_at)
            waiting += [contact["id"] for contact in old_enough if belongs(contact)]
            more, scanned = after is not None, after or scanned
            if remaining_ms() < SPARE_MS and more:
                self._write(run_id, seen, waiting, after=scanned, planned=False)
                self._queues.plan_shard(run_id, shard)
                return
            while len(waiting) >= MOST_BATCHES * BATCH_SIZE:
                full, waiting = waiting[: MOST_BATCHES * BATCH_SIZE], waiting[MOST_BATCHES * BATCH_SIZE :]
                seen = self._write(run_id, seen, full, after=full[-1], planned=False)
        self._write(run_id, seen, waiting, after=scanned, planned=True)
        self._completion.settle(run)

    def _write(
        self, run_id: RunId, seen: ShardProgress, members: Sequence[str], *, after: str | None, planned: bool
    ) -> ShardProgress:
        batches = [members[start : start + BATCH_SIZE] for start in range(0, len(members), BATCH_SIZE)]
        moved = self._ledger.plan(run_id, seen, batches, after, planned)
        self._queues.send([BatchId(run_id, seen.shard, n) for n in range(seen.batches, moved.batches)])
        return moved
