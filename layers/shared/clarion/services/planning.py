"""Planning: walk one contact shard of a run and write who gets the message into the ledger.

The audience is frozen as of the launch: a contact created later is not in it. Every page moves the cursor and adds its
batches in one transaction, so a crash, a repeated queue message or two planners at once plan nobody twice and forget
nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
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
        self, run_id: RunId, seen: ShardProgress, batches: Sequence[Sequence[str]], planned: bool
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
        groups = self._batches(run, shard, seen.after)
        ready: list[Sequence[str]] = []
        for batch in groups:
            ready.append(batch)
            if len(ready) == MOST_BATCHES:
                seen = self._write(run_id, seen, ready, planned=False)
                ready = []
                if remaining_ms() < SPARE_MS:
                    self._queues.plan_shard(run_id, shard)
                    return
        self._write(run_id, seen, ready, planned=True)
        self._completion.settle(run)

    def _write(
        self, run_id: RunId, seen: ShardProgress, batches: Sequence[Sequence[str]], *, planned: bool
    ) -> ShardProgress:
        moved = self._ledger.plan(run_id, seen, batches, planned)
        self._queues.send([BatchId(run_id, seen.shard, n) for n in range(seen.batches, moved.batches)])
        return moved

    def _batches(self, run: Run, shard: int, after: str | None) -> Iterator[Sequence[str]]:
        waiting: list[str] = []
        for contact_id in self._members(run, shard, after):
            waiting.append(contact_id)
            if len(waiting) == BATCH_SIZE:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def _members(self, run: Run, shard: int, after: str | None) -> Iterator[str]:
        belongs = membership(_DEFINITION.validate_json(run.definition))
        while True:
            page, after = self._contacts.page_of_shard(run.id.org, shard, after, PAGE)
            for contact in page:
                created: datetime = contact["createdAt"]
                if created <= run.started_at and belongs(contact):
                    yield contact["id"]
            if after is None:
                return
