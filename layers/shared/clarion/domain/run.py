"""One execution of a campaign, and the ledger that proves what became of every recipient."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.split import WINNER

BATCH_SIZE = 50  # recipients per batch: what one SES SendBulkEmail call takes
JOURNEY_BATCH_SIZE = 40  # closing it writes up to two rows per contact, and a transaction takes 100
SENT = "sent"
FAILED = "failed"
REJECTED = "rejected"
UNKNOWN = "unknown"
RENDER_FAILED = "render_failed"
FIRST_LOOK = timedelta(minutes=3)
"""When the scheduler looks after a batch that was queued: longer than a worker's lease."""
FAILURES = (FAILED, REJECTED, UNKNOWN, RENDER_FAILED)


class TakenOver(Exception):
    """Another worker moved the row since this one read it: leave the work to that worker."""


class EntryTaken(Exception):
    """A contact has that place in the journey already; ``contact`` says who."""

    def __init__(self, contact: str) -> None:
        super().__init__(contact)
        self.contact = contact


class RunStatus(StrEnum):
    """``running`` until the counts add up; the campaign mirrors it."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class BatchState(StrEnum):
    """``planned → claimed → calling → done``; back to ``planned`` when the vendor said *later*."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    CALLING = "calling"
    DONE = "done"


@dataclass(frozen=True)
class RunId:
    """Names a run everywhere: in keys, queue messages and logs."""

    org: str
    campaign: str
    run: int

    def message(self, **more: Any) -> dict[str, Any]:
        """The JSON of a queue message about this run."""
        return {"org": self.org, "campaign": self.campaign, "run": self.run, **more}

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "RunId":
        return cls(message["org"], message["campaign"], int(message["run"]))


@dataclass(frozen=True)
class Run:
    """``open`` while contacts may still enter; ``winner`` the experiment's, once it is decided.

    ``wakes`` and ``retries`` count the times all shards were told to wake what waits and to retry what failed.
    ``sign`` is the progress seen at the last look: where it stands still, work was lost.
    """

    id: RunId
    status: RunStatus
    started_at: datetime
    plan: RunPlan
    open: bool = False
    winner: str = ""
    decided_at: datetime | None = None
    wakes: int = 0
    retries: int = 0
    sign: str = ""

    @property
    def channel(self) -> str:
        return self.plan.channel

    def step(self, batch_id: "BatchId") -> RunStep:
        """The step a batch is about."""
        return self.plan.steps[batch_id.step]

    def content_of(self, batch_id: "BatchId", variant: str) -> RunContent:
        """The message of a batch; of those who waited for it, the winner's."""
        return self.step(batch_id).contents[self.winner if variant == WINNER else variant]


@dataclass(frozen=True, order=True)
class BatchId:
    """A batch of a run: contact shard, sequence number in it, and position of the step."""

    run: RunId
    shard: int
    sequence: int
    step: int = 0

    @property
    def reference(self) -> str:
        """What a message item keeps of its batch: ``07#000012#00``."""
        return f"{self.shard:02d}#{self.sequence:06d}#{self.step:02d}"

    def message(self) -> dict[str, Any]:
        return self.run.message(shard=self.shard, sequence=self.sequence, step=self.step)

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "BatchId":
        numbers = (int(message[name]) for name in ("shard", "sequence", "step"))
        return cls(RunId.of(message), *numbers)


@dataclass(frozen=True)
class Result:
    """What became of one recipient. ``code`` is ``sent``, ``failed``, ``rejected``, ``unknown``, ``render_failed`` or
    ``skipped.<reason>``; ``detail`` the vendor's id or the reason in words."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Batch:
    """A row of the ledger. ``results`` is by index into ``contacts``; ``call`` the indexes of the call under way.

    ``due_at`` is when its messages should go out, ``lease_until`` (both stamps) until when nobody else takes it: the
    end of a worker's lease, or the time a ``planned`` batch waits for. ``look_at`` is when the scheduler looks after
    it unless it is done, empty where that is not wanted. ``moves`` rises with every write, so a worker that saw an
    older row cannot write over a newer one. ``attempts`` counts the workers since the last one that ended in good
    order, ``postponed`` how often running the vendor said *later*, and ``refused_since`` (a stamp) since when it has
    taken none of it. ``key`` names the entry of a journey's contacts.
    A batch that was ``reopened`` to retry what failed keeps the ``settled`` indexes, whose results are counted already.
    """

    id: BatchId
    state: BatchState
    contacts: tuple[str, ...]
    due_at: str
    variant: str = ""
    zone: str = ""
    key: str = ""
    results: Mapping[int, Result] = field(default_factory=dict)
    call: tuple[int, ...] = ()
    owner: str = ""
    lease_until: str = ""
    look_at: str = ""
    attempts: int = 0
    postponed: int = 0
    refused_since: str = ""
    moves: int = 0
    closed_at: str = ""
    reopened: int = 0
    settled: tuple[int, ...] = ()

    @property
    def pending(self) -> list[int]:
        """Recipients without a result."""
        return [i for i in range(len(self.contacts)) if i not in self.results]

    def free(self, now: str) -> bool:
        """Whether a worker may take it: it is not done, and nobody holds it or has put it off."""
        return self.state != BatchState.DONE and self.lease_until <= now

    def counts(self) -> Counter[str]:
        """Recipients by result code, as far as they are not counted yet."""
        return Counter(result.code for i, result in self.results.items() if i not in self.settled)


@dataclass(frozen=True)
class ShardProgress:
    """Planning state and outcomes of one contact shard of a run.

    ``sequence`` is the next batch's number; ``woken`` and ``retried`` say how many of the run's wakes and retries are
    through.
    """

    shard: int
    audience: int = 0
    sequence: int = 0
    batches: int = 0
    batches_done: int = 0
    planned: bool = False
    after: str | None = None
    woken: int = 0
    retried: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)

    def idle(self, run: Run) -> bool:
        """Whether a planner has nothing to do there."""
        return self.planned and self.woken >= run.wakes and self.retried >= run.retries


@dataclass(frozen=True)
class ZoneProgress:
    """One zone of a run at the recipients' own hour; ``fallback`` of the audience are there for want of a zone."""

    zone: str
    due_at: datetime
    audience: int = 0
    fallback: int = 0
    done: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Progress:
    """Where a run stands, from its 16 shard rows."""

    audience: int
    planned: bool
    batches: int
    batches_done: int
    outcomes: Mapping[str, int]
    retried: int = 0

    @classmethod
    def of(cls, shards: Sequence[ShardProgress], shard_count: int) -> "Progress":
        outcomes: Counter[str] = Counter()
        for shard in shards:
            outcomes.update(shard.outcomes)
        return cls(
            audience=sum(s.audience for s in shards),
            planned=len(shards) == shard_count and all(s.planned for s in shards),
            batches=sum(s.batches for s in shards),
            batches_done=sum(s.batches_done for s in shards),
            outcomes={code: n for code, n in outcomes.items() if n},
            retried=min((s.retried for s in shards), default=0),
        )

    @classmethod
    def together(cls, runs: Sequence["Progress"]) -> "Progress":
        """That of several runs, at least one, as one."""
        outcomes: Counter[str] = Counter()
        for run in runs:
            outcomes.update(run.outcomes)
        return cls(
            audience=sum(run.audience for run in runs),
            planned=all(run.planned for run in runs),
            batches=sum(run.batches for run in runs),
            batches_done=sum(run.batches_done for run in runs),
            outcomes=outcomes,
            retried=min(run.retried for run in runs),
        )

    @property
    def complete(self) -> bool:
        """Everybody in the audience has an outcome."""
        accounted = sum(self.outcomes.values()) == self.audience
        return self.planned and self.batches == self.batches_done and accounted

    @property
    def flawless(self) -> bool:
        """Nobody failed; skipping a recipient by a rule is no failure."""
        return not any(self.outcomes.get(code) for code in FAILURES)
