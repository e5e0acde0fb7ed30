"""Aggregation: every event of the table's stream is counted exactly once, whatever the stream delivers and how often.

The message item remembers which events were applied to it, and it is written in one transaction with the counters that
those events move. So a repeated, re-ordered, split or late delivery finds its events applied already; a crash leaves
either all of a message's counts or none (docs/decisions/0006-exact-counting.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from clarion.domain.counting import Outcome, apply, unattributed
from clarion.domain.engagement import (
    REMEMBERED,
    Event,
    Increments,
    Malformed,
    MessageRef,
    MessageState,
    Overtaken,
    Suppression,
)
from clarion.domain.settlement import SHOWS_THAT_IT_LEFT

MOST_OVERTAKEN = 16  # transactions of a batch that found something changed, before it is given back to the stream

EventRef = tuple[str, str, str]  # organisation, contact, sk


class Draft(Protocol):
    """A transaction of at most 100 actions."""

    def take_message(self, message: MessageRef, before: MessageState, outcome: Outcome) -> bool:
        """Add a message's new state and counters; False, adding nothing, where they do not fit."""

    def take_unattributed(self, event: Event, increments: Increments) -> bool:
        """Add an event that no message earned, likewise."""

    def commit(self) -> None:
        """All or nothing; raises Overtaken when something read for it has changed since."""


class EngagementStore(Protocol):
    def event_of(self, record: Mapping[str, Any]) -> Event | None: ...
    def messages(self, messages: Iterable[MessageRef]) -> dict[MessageRef, MessageState]: ...
    def settled(self, events: Iterable[Event]) -> set[EventRef]: ...
    def standing(self, suppressions: Iterable[Suppression]) -> dict[Suppression, Suppression]:
        """Those to be kept, each with what gives way to it: not those whose address is on the list for a reason that
        stays, or was taken off it after what they tell."""
        ...

    def draft(self) -> Draft: ...


@dataclass
class Aggregated:
    """What became of a batch: ``failed`` are the sequence numbers of records that cannot be counted, with the
    attribute at fault; ``erased`` events belong to messages that are no more, and count nothing; ``overtaken``
    transactions were computed again because something had changed. ``left`` are messages of which nobody knew whether
    they left, and which an event now shows did."""

    events: int = 0
    transactions: int = 0
    overtaken: int = 0
    erased: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    left: set[MessageRef] = field(default_factory=set)


class AggregationService:
    """Counts stream records."""

    def __init__(self, store: EngagementStore) -> None:
        self._store = store

    def aggregate(self, records: Iterable[Mapping[str, Any]]) -> Aggregated:
        """Count a batch of stream records (Lambda's form).

        Raises Overtaken after too many rounds of contention; whatever was committed until then stays counted once.
        """
        done = Aggregated()
        messages: dict[MessageRef, list[Event]] = {}
        alone: dict[EventRef, Event] = {}
        for record in records:
            try:
                event = self._store.event_of(record)
            except Malformed as malformed:
                # Lambda takes an empty identifier for a failure of the whole batch.
                done.failed[record.get("dynamodb", {}).get("SequenceNumber", "")] = str(malformed)
                continue
            if event is None:
                continue
            done.events += 1
            if event.message:
                messages.setdefault(event.message, []).append(event)
            else:
                alone[_ref(event)] = event
        self._count_messages(messages, done)
        self._count_alone(alone, done)
        return done

    def _count_messages(self, waiting: dict[MessageRef, list[Event]], done: Aggregated) -> None:
        while waiting:
            states = self._store.messages(waiting)
            done.erased += sum(len(events) for message, events in waiting.items() if message not in states)
            done.left |= {
                message
                for message, state in states.items()
                if state.unknown and any(event.kind in SHOWS_THAT_IT_LEFT for event in waiting[message])
            }
            open_ = self._without_settled({m: events for m, events in waiting.items() if m in states}, states)
            left: dict[MessageRef, list[Event]] = {}
            for draft, members in self._drafts(open_, states, left):
                if not _committed(draft, done):
                    left |= {message: open_[message] for message in members}
            waiting = left

    def _count_alone(self, waiting: dict[EventRef, Event], done: Aggregated) -> None:
        while waiting:
            settled = self._store.settled(waiting.values())
            left: dict[EventRef, Event] = {}
            for draft, members in self._drafts_alone([e for ref, e in waiting.items() if ref not in settled]):
                if not _committed(draft, done):
                    left |= {_ref(event): event for event in members}
            waiting = left

    def _without_settled(
        self, waiting: dict[MessageRef, list[Event]], states: Mapping[MessageRef, MessageState]
    ) -> dict[MessageRef, list[Event]]:
        """Where a message remembers no more, its events' own items say which of them were counted."""
        full = [m for m, events in waiting.items() if len(states[m].applied) + len(events) > REMEMBERED]
        settled = self._store.settled(event for message in full for event in waiting[message])
        return waiting | {m: [event for event in waiting[m] if _ref(event) not in settled] for m in full}

    def _drafts(
        self,
        waiting: Mapping[MessageRef, list[Event]],
        states: Mapping[MessageRef, MessageState],
        left: dict[MessageRef, list[Event]],
    ) -> Iterator[tuple[Draft, list[MessageRef]]]:
        """Transactions of whole messages. What is too much of one message for a transaction goes to ``left``."""
        outcomes = {message: apply(message, states[message], events) for message, events in waiting.items()}
        standing = self._standing(outcomes.values())
        draft, members = self._store.draft(), list[MessageRef]()
        for message, outcome in outcomes.items():
            events = waiting[message]
            while outcome.state != states[message] or outcome.marked:
                if draft.take_message(message, states[message], _as_it_stands(outcome, standing)):
                    members.append(message)
                    break
                if members:
                    yield draft, members
                    draft, members = self._store.draft(), []
                else:
                    events = events[: len(events) // 2]
                    left[message] = waiting[message][len(events) :]
                    outcome = apply(message, states[message], events)
                    standing |= self._standing([outcome])
        if members:
            yield draft, members

    def _standing(self, outcomes: Iterable[Outcome]) -> dict[Suppression, Suppression]:
        return self._store.standing([each.suppression for each in outcomes if each.suppression])

    def _drafts_alone(self, events: Iterable[Event]) -> Iterator[tuple[Draft, list[Event]]]:
        draft, members = self._store.draft(), list[Event]()
        for event in events:
            increments = unattributed([event])
            if not draft.take_unattributed(event, increments):
                yield draft, members
                draft, members = self._store.draft(), []
                draft.take_unattributed(event, increments)
            members.append(event)
        if members:
            yield draft, members


def _committed(draft: Draft, done: Aggregated) -> bool:
    try:
        draft.commit()
    except Overtaken:
        done.overtaken += 1
        if done.overtaken == MOST_OVERTAKEN:
            raise
        return False
    done.transactions += 1
    return True


def _as_it_stands(outcome: Outcome, standing: Mapping[Suppression, Suppression]) -> Outcome:
    if outcome.suppression is None:
        return outcome
    return replace(outcome, suppression=standing.get(outcome.suppression))


def _ref(event: Event) -> EventRef:
    return event.org, event.contact, event.sk
