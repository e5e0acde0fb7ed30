"""From the table's stream to the entrances of journeys: whoever was added, changed or did something is handed on.

A record is handed on at least once; entering twice is entering once. Nothing is remembered between batches: a worker
that believed for a moment too long that an organisation has no journeys would lose a contact for good.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from clarion.domain.entry import Act, Candidates, Change
from clarion.domain.run import RunId
from clarion.keys import contact_shard

MOST_CONTACTS = 40  # in one message: a transaction takes 100 actions, and a contact takes one or two

log = logging.getLogger(__name__)

Record = Mapping[str, Any]


class Stream(Protocol):
    def organisation_of(self, record: Record) -> str | None:
        """Whose contact or event it is; None for any other record."""

    def candidate_of(self, record: Record) -> Change | Act | None:
        """What happened to a contact; None where no journey can be waiting for it."""


class Entrances(Protocol):
    def entrances(self, org_id: str) -> Sequence[RunId]:
        """The journeys that contacts may enter now."""


class Queue(Protocol):
    def put(self, candidates: Sequence[Candidates]) -> None: ...


class EntryForwarder:
    """Where an organisation has no journey that may be entered, a batch costs it one read."""

    def __init__(self, stream: Stream, entrances: Entrances, queue: Queue) -> None:
        self._stream, self._entrances, self._queue = stream, entrances, queue

    def forward(self, records: Iterable[Record]) -> list[str]:
        """Hand on a batch of stream records (Lambda's form); the sequence numbers of those that must come again."""
        by_org: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            org = self._stream.organisation_of(record)
            if org:
                by_org[org].append(record)
        left: list[str] = []
        for org, own in by_org.items():
            try:
                self._forward(org, own)
            except Exception:
                log.exception("records of %s were not handed on to its journeys", org)
                left += [record["dynamodb"].get("SequenceNumber", "") for record in own]
        return left

    def _forward(self, org: str, records: Sequence[Record]) -> None:
        if not self._entrances.entrances(org):
            return
        found = [candidate for record in records if (candidate := self._stream.candidate_of(record))]
        if found:
            self._queue.put(list(_messages(org, found)))


def _messages(org: str, found: Iterable[Change | Act]) -> Iterator[Candidates]:
    """Neighbours share a message: contacts of one shard enter in one transaction."""
    by_contact: defaultdict[str, list[Change | Act]] = defaultdict(list)
    for each in dict.fromkeys(found):
        by_contact[each.contact].append(each)
    contacts = sorted(by_contact, key=lambda contact: (contact_shard(contact), contact))
    for start in range(0, len(contacts), MOST_CONTACTS):
        part = [each for contact in contacts[start : start + MOST_CONTACTS] for each in by_contact[contact]]
        changes = tuple(each for each in part if isinstance(each, Change))
        yield Candidates(org, changes, tuple(each for each in part if isinstance(each, Act)))
