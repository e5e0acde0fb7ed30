"""Planning: walk one contact shard of a run and write who gets the message into the ledger.

The audience is frozen as of the launch: a contact created later is not in it. Every page moves the cursor and adds its
batches in one transaction, so a crash, a repeated queue message or two planners at once plan nobody twice and forget
nobody. Contacts of one batch share variant, zone and time, so a batch waits as a whole.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from clarion.clock import stamp
from clarion.domain.local_time import zone_or
from clarion.domain.milestones import comes_today, entry_key
from clarion.domain.run import (
    BATCH_SIZE,
    FIRST_LOOK,
    JOURNEY_BATCH_SIZE,
    Batch,
    BatchId,
    BatchState,
    EntryTaken,
    Result,
    Run,
    RunId,
    RunStatus,
    ShardProgress,
    TakenOver,
)
from clarion.domain.split import arm_of, held_out
from clarion.keys import contact_shard

PAGE = 1000  # contacts read at once
MOST_BATCHES = 40  # batches (and zones) in one transaction, about 80 KB of contact ids
SPARE_MS = 15_000  # a planner stops and re-queues itself this long before its time is up
LONGEST_DELAY = timedelta(minutes=15)  # SQS DelaySeconds, AWS quota page
LATE = timedelta(minutes=5)  # the zones that come first are served this late at the most
SKIP_PASSED = "skipped.expired"
HELD_OUT = "skipped.hold_out"


class Contacts(Protocol):
    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Contact documents in order of id after ``after``, and the id to go on after (None at the end)."""


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def shard(self, run_id: RunId, shard: int) -> ShardProgress: ...


class Ledger(Protocol):
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
    ) -> ShardProgress: ...


class Entries(Protocol):
    def taken(self, run_id: RunId, contact_ids: Sequence[str], key: str) -> set[str]:
        """Those of the contacts that have that place in the journey already."""


class Queues(Protocol):
    def plan_shard(self, run_id: RunId, shard: int) -> None: ...
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool:
        """Complete the run when its counts add up."""


class Tasks(Protocol):
    def go_on(self, run: Run, seen: ShardProgress) -> None:
        """Wake what waits and retry what failed, where the run asks for it."""


class Group(NamedTuple):
    """What the contacts of a batch have in common. ``outcome`` is that of contacts who get nothing at all."""

    outcome: str
    variant: str
    zone: str
    due: datetime
    key: str


class PlanService:
    def __init__(
        self,
        contacts: Contacts,
        runs: Runs,
        ledger: Ledger,
        entries: Entries,
        queues: Queues,
        completion: Completion,
        tasks: Tasks,
        clock: Callable[[], datetime],
    ) -> None:
        self._contacts, self._runs, self._ledger, self._entries = contacts, runs, ledger, entries
        self._queues, self._completion, self._tasks, self._clock = queues, completion, tasks, clock

    def plan_message(self, message: Mapping[str, Any], remaining_ms: Callable[[], int]) -> None:
        """As ``plan``, for a message of the plan queue: ``{"org", "campaign", "run", "shard"}``."""
        self.plan(RunId.of(message), int(message["shard"]), remaining_ms)

    def plan(self, run_id: RunId, shard: int, remaining_ms: Callable[[], int]) -> None:
        """Do what there is to do in a shard; what time does not allow is queued again.

        Where another planner is at it (TakenOver), that one goes on.
        """
        run = self._runs.get(run_id)
        if run.status != RunStatus.RUNNING:
            return
        seen = self._runs.shard(run_id, shard)
        try:
            if not seen.planned and not self._walk(run, seen, remaining_ms):
                self._queues.plan_shard(run_id, shard)
                return
            self._tasks.go_on(run, seen)
        except TakenOver:
            return
        self._completion.settle(run)

    def _walk(self, run: Run, seen: ShardProgress, remaining_ms: Callable[[], int]) -> bool:
        """Plan what is left of a shard; False when time ran out first."""
        page, before = _Page(run, self._clock()), seen.after
        for contact, position in self._members(run, seen):
            if contact is not None:
                if page.full(contact):
                    seen = self._write(run, seen, page, after=before, planned=False)
                    page = _Page(run, self._clock())
                page.add(contact)
            elif remaining_ms() < SPARE_MS:
                self._write(run, seen, page, after=position, planned=False)
                return False
            before = position
        self._write(run, seen, page, after=before, planned=True)
        return True

    def _members(self, run: Run, seen: ShardProgress) -> Iterator[tuple[Mapping[str, Any] | None, str | None]]:
        """Whoever belongs to the audience, each with its id; after each page but the last, None and its last id."""
        if run.plan.publishes:
            ids = sorted(outlet.id for outlet in run.plan.outlets)
            mine = [each for each in ids if contact_shard(each) == seen.shard and each > (seen.after or "")]
            yield from (({"id": each}, each) for each in mine)
            return
        belongs = run.plan.membership()
        key = entry_key(run)
        after, more = seen.after, True
        while more:
            page, position = self._contacts.page_of_shard(run.id.org, seen.shard, after, PAGE)
            # Newcomers may enter a journey; who came in the moment of its launch is seen here alone.
            known = [c for c in page if run.plan.journey or c["createdAt"] <= run.started_at]
            found = [c for c in known if belongs(c) and comes_today(run, c)]
            taken = self._entries.taken(run.id, [c["id"] for c in found], key) if key and found else set()
            yield from ((contact, contact["id"]) for contact in found if contact["id"] not in taken)
            more, after = position is not None, position or after
            if more:
                yield None, position

    def _write(
        self, run: Run, seen: ShardProgress, page: "_Page", *, after: str | None, planned: bool
    ) -> ShardProgress:
        """Contacts may enter a journey by themselves meanwhile: they take numbers of batches, and places."""
        while True:
            batches, now = page.batches(seen), self._clock()
            try:
                moved = self._ledger.add(
                    run, seen, batches, after=after, planned=planned, fallbacks=page.fallbacks, now=now
                )
            except EntryTaken as taken:
                page.drop(taken.contact)
            except TakenOver:
                found = self._runs.shard(run.id, seen.shard)
                if (found.after, found.planned) != (seen.after, seen.planned) or found.sequence == seen.sequence:
                    raise
                seen = found
            else:
                queue_now(self._queues, batches, now)
                return moved


class _Page:
    """Members until they fill a transaction, by what they have in common."""

    def __init__(self, run: Run, now: datetime) -> None:
        self._run, self._now, self._key = run, now, entry_key(run)
        self._groups: defaultdict[Group, list[str]] = defaultdict(list)
        self._size = JOURNEY_BATCH_SIZE if run.plan.journey else BATCH_SIZE
        self.fallbacks: Counter[str] = Counter()

    def add(self, contact: Mapping[str, Any]) -> None:
        group, fallback = self._group(contact)
        self._groups[group].append(contact["id"])
        if fallback and not group.outcome:
            self.fallbacks[group.zone] += 1

    def full(self, contact: Mapping[str, Any]) -> bool:
        """Whether one more contact would be too much for a transaction."""
        group, _ = self._group(contact)
        rows = sum(-(-len(ids) // self._size) for ids in self._groups.values())
        zones = len({group.zone for group in self._groups}) if self._run.plan.wall else 0
        more = group not in self._groups or len(self._groups[group]) % self._size == 0
        full = rows + zones + (2 if more else 0) > MOST_BATCHES
        if self._run.plan.journey:  # each contact has a row of its own there
            return full or sum(len(ids) for ids in self._groups.values()) >= JOURNEY_BATCH_SIZE
        return full

    def drop(self, contact_id: str) -> None:
        """Leave out a contact who has its place already."""
        self._groups = defaultdict(
            list, {group: [each for each in ids if each != contact_id] for group, ids in self._groups.items()}
        )

    def batches(self, seen: ShardProgress) -> list[Batch]:
        found = list[Batch]()
        for group, ids in self._groups.items():
            for start in range(0, len(ids), self._size):
                batch_id = BatchId(self._run.id, seen.shard, seen.sequence + len(found))
                found.append(new_batch(batch_id, group, ids[start : start + self._size], self._now))
        return found

    def _group(self, contact: Mapping[str, Any]) -> tuple[Group, bool]:
        return group_of(self._run, contact, self._key, self._now)


def group_of(run: Run, contact: Mapping[str, Any], key: str, now: datetime) -> tuple[Group, bool]:
    """A member's group, and whether its zone is the fallback for want of its own."""
    plan = run.plan
    zone, fallback = zone_or(contact.get("timezone"), plan.timezone) if plan.zoned else ("", False)
    if plan.hold_out and not plan.publishes and held_out(run.id.campaign, contact["id"], plan.hold_out):
        return Group(HELD_OUT, "", zone, now, key), fallback
    variant = arm_of(run.id.campaign, run.id.run, contact["id"], plan.experiment) if plan.experiment else ""
    due = now if plan.journey and not plan.wall else plan.due(zone, variant)
    due += plan.steps[0].delay
    if plan.wall and plan.past_zones == "skip" and due < run.started_at - LATE:
        return Group(SKIP_PASSED, "", zone, due, key), fallback
    return Group("", variant, zone, due, key), fallback


def new_batch(batch_id: BatchId, group: Group, contact_ids: Sequence[str], now: datetime) -> Batch:
    """A batch to be sent when its time comes; one whose contacts get nothing is done."""
    contacts, due = tuple(contact_ids), stamp(group.due)
    if group.outcome:
        results = {i: Result(group.outcome) for i in range(len(contacts))}
        state = BatchState.DONE
        return Batch(
            batch_id, state, contacts, due, zone=group.zone, key=group.key, results=results, closed_at=stamp(now)
        )
    queued = group.due <= now + LONGEST_DELAY
    return Batch(
        batch_id,
        BatchState.PLANNED,
        contacts,
        due,
        variant=group.variant,
        zone=group.zone,
        key=group.key,
        lease_until=due if group.due > now else "",
        look_at=stamp(max(group.due, now) + FIRST_LOOK) if queued else due,
    )


def queue_now(queues: Queues, batches: Sequence[Batch], now: datetime) -> None:
    """Queue the batches whose time comes within what a queue can wait; the scheduler finds the others."""
    by_delay: defaultdict[int, list[BatchId]] = defaultdict(list)
    soon = stamp(now + LONGEST_DELAY)
    for batch in batches:
        if batch.state != BatchState.DONE and batch.due_at <= soon:
            seconds = (datetime.fromisoformat(batch.due_at) - now).total_seconds()
            by_delay[max(0, -int(-seconds // 1))].append(batch.id)
    for delay, batch_ids in by_delay.items():
        queues.send(batch_ids, delay)
