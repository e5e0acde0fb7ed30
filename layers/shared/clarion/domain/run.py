"""One launch of a campaign, and the ledger that proves what became of every recipient."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

BATCH_SIZE = 50  # recipients per batch: what one SES SendBulkEmail call takes
SENT = "sent"
FAILED = "failed"
REJECTED = "rejected"
UNKNOWN = "unknown"
RENDER_FAILED = "render_failed"


class TakenOver(Exception):
    """Another worker moved the row since this one read it: leave the work to that worker."""


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
    """What was frozen at launch: audience definition, content (its own items), sender, times."""

    id: RunId
    status: RunStatus
    started_at: datetime
    definition: str
    channel: str
    step: str
    sender: str
    sender_name: str | None = None
    reply_to: str | None = None
    end_at: datetime | None = None
    swept_done: int = -1


@dataclass(frozen=True)
class BatchId:
    """A batch of a run: contact shard and sequence number in it."""

    run: RunId
    shard: int
    sequence: int

    @property
    def reference(self) -> str:
        """What a message item keeps of its batch: ``07#000012``."""
        return f"{self.shard:02d}#{self.sequence:06d}"

    def message(self) -> dict[str, Any]:
        return self.run.message(shard=self.shard, sequence=self.sequence)

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "BatchId":
        return cls(RunId.of(message), int(message["shard"]), int(message["sequence"]))


@dataclass(frozen=True)
class Result:
    """What became of one recipient. ``code`` is ``sent``, ``failed``, ``rejected``, ``unknown``, ``render_failed`` or
    ``skipped.<reason>``; ``detail`` the vendor's id or the reason in words."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Batch:
    """A row of the ledger. ``results`` is by index into ``contacts``; ``call`` the indexes of the call under way.

    ``moves`` rises with every write, so a worker that saw an older row cannot write over a newer one. ``lease_until``
    is also how long a ``planned`` batch has to wait. ``attempts`` counts the workers since the last one that ended in
    good order, ``postponed`` how often running the vendor said *later*.
    """

    id: BatchId
    state: BatchState
    contacts: tuple[str, ...]
    results: Mapping[int, Result] = field(default_factory=dict)
    call: tuple[int, ...] = ()
    owner: str = ""
    lease_until: str = ""
    attempts: int = 0
    postponed: int = 0
    moves: int = 0

    @property
    def pending(self) -> list[int]:
        """Recipients without a result."""
        return [i for i in range(len(self.contacts)) if i not in self.results]

    def free(self, now: str) -> bool:
        """Whether a worker may take it: it is not done, and nobody holds it or has put it off."""
        return self.state != BatchState.DONE and self.lease_until <= now

    def counts(self) -> Counter[str]:
        """Recipients by result code."""
        return Counter(result.code for result in self.results.values())


@dataclass(frozen=True)
class ShardProgress:
    """Planning state and outcomes of one contact shard of a run."""

    shard: int
    audience: int = 0
    batches: int = 0
    batches_done: int = 0
    planned: bool = False
    after: str | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Where a run stands, from its 16 shard rows."""

    audience: int
    planned: bool
    batches: int
    batches_done: int
    outcomes: Mapping[str, int]

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
            outcomes=dict(outcomes),
        )

    @property
    def complete(self) -> bool:
        """Everybody in the audience has an outcome."""
        accounted = sum(self.outcomes.values()) == self.audience
        return self.planned and self.batches == self.batches_done and accounted

    @property
    def flawless(self) -> bool:
        """Nobody failed; skipping a recipient by a rule is no failure."""
        return not any(self.outcomes.get(code) for code in (FAILED, REJECTED, UNKNOWN, RENDER_FAILED))
