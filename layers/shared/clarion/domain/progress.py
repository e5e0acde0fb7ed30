"""How far a contact has come in a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clarion.domain.engagement import MessageRef, MessageState
from clarion.domain.entry import Place
from clarion.domain.run import SENT, Batch, BatchState
from clarion.domain.succession import GOES_ON


class ContactState(StrEnum):
    """``exited`` is whoever left before the last message, or is left when the campaign is cancelled."""

    NOT_ENTERED = "not_entered"
    ACTIVE = "active"
    FINISHED = "finished"
    EXITED = "exited"


@dataclass(frozen=True)
class Reply:
    """What somebody answered; ``at`` is a stamp."""

    at: str
    text: str


@dataclass(frozen=True)
class SentMessage:
    """A message item: what was claimed for a contact, and what became of it since. ``batch`` is the ledger's."""

    ref: MessageRef
    batch: str
    claimed_at: str
    engagement: MessageState
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True)
class StepProgress:
    """One message of an entry; ``outcome`` is empty while there is none, ``due_at`` (a stamp) when it is due."""

    step: str
    outcome: str
    due_at: str
    message: SentMessage | None = None

    @property
    def sent_at(self) -> str | None:
        """A stamp: when it was claimed for sending, seconds at most before it went out."""
        return self.message.claimed_at if self.message and self.outcome == SENT else None


@dataclass(frozen=True)
class Entry:
    """One way through the campaign, by its run; ``ended_at`` and ``outcome`` are empty while it goes on."""

    run: int
    entered_at: datetime
    ended_at: datetime | None
    outcome: str
    steps: tuple[StepProgress, ...]


@dataclass(frozen=True)
class ContactProgress:
    """All entries, in order."""

    contact_id: str
    state: ContactState
    entries: tuple[Entry, ...]


def entry_of(
    contact_id: str,
    place: Place,
    batches: Sequence[tuple[str, Batch]],
    messages: Sequence[SentMessage],
) -> Entry:
    """An entry from its place and from the batches (each with its step's id, in order) that its contact came to."""
    by_step = {message.ref.step: message for message in messages if message.ref.run == place.run}
    steps = []
    ended_at, outcome = place.ended_at, place.outcome
    for step, batch in batches:
        result = batch.results.get(batch.contacts.index(contact_id))
        steps.append(StepProgress(step, result.code if result else "", batch.due_at, by_step.get(step)))
    if batches and ended_at is None and batches[-1][1].state == BatchState.DONE:
        # A place is closed with its last batch; those who were never to get anything have no such moment.
        last = batches[-1][1]
        ended_at, outcome = datetime.fromisoformat(last.closed_at or last.due_at), steps[-1].outcome
    return Entry(place.run, place.entered_at, ended_at, outcome, tuple(steps))


def state_of(entries: Sequence[Entry], *, campaign_ended: bool) -> ContactState:
    """Where the latest entry stands."""
    if not entries:
        return ContactState.NOT_ENTERED
    latest = entries[-1]
    if latest.ended_at is None:
        return ContactState.EXITED if campaign_ended else ContactState.ACTIVE
    return ContactState.FINISHED if latest.outcome in GOES_ON else ContactState.EXITED
