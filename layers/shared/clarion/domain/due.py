"""What the scheduler finds to do."""

from dataclasses import dataclass, field

from clarion.domain.run import BatchId, RunId


@dataclass(frozen=True)
class DueBatch:
    """A batch whose time has come; ``looks`` counts how often it was found before."""

    id: BatchId
    looks: int
    due_pk: str
    due_sk: str


@dataclass
class Due:
    """What is due, oldest first."""

    campaigns: list[tuple[str, str]] = field(default_factory=list)  # (organisation, campaign)
    runs: list[RunId] = field(default_factory=list)
    batches: list[DueBatch] = field(default_factory=list)
