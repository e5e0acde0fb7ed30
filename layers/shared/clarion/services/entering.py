"""Entering journeys that go on: whoever joins the audience, reaches the milestone, or may enter once more.

Entering is safe to repeat and to do at once in many places: a contact's place is put if absent in the transaction that
adds its batch. Planning does the same for the audience as of the launch, beside it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.campaign import LIVE, Campaign, Status
from clarion.domain.entry import Candidates, Place
from clarion.domain.errors import NotFound, Stale
from clarion.domain.journey import CountMilestone
from clarion.domain.milestones import entry_key
from clarion.domain.progress import SentMessage
from clarion.domain.reaching import arrivals, needs_messages, reached
from clarion.domain.run import (
    JOURNEY_BATCH_SIZE,
    Batch,
    BatchId,
    EntryTaken,
    Run,
    RunId,
    RunStatus,
    ShardProgress,
    TakenOver,
)
from clarion.keys import contact_shard
from clarion.services.planning import Group, Queues, group_of, new_batch, queue_now
from clarion.services.stale import try_again

PAGE = 1000  # contacts looked at at once
SPARE_MS = 20_000  # a look stops and re-queues itself this long before its time is up
_ATTEMPTS = 12  # at a contact shard that other workers add to at the same time

Document = Mapping[str, Any]

log = logging.getLogger(__name__)


class Entries(Protocol):
    def entrances(self, org_id: str) -> Sequence[RunId]: ...
    def held(self, run_id: RunId, contact_ids: Sequence[str], key: str) -> Mapping[str, Place]:
        """That place of each contact that has it, by the contact's id."""


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def shard(self, run_id: RunId, shard: int) -> ShardProgress: ...
    def follow_up(self, campaign: Campaign, run: Run) -> None:
        """Start a further run of a journey. Raises Stale."""


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Contacts(Protocol):
    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Document]: ...
    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[Sequence[Document], str | None]: ...


class Timelines(Protocol):
    def messages(self, org_id: str, contact_id: str, campaign_id: str | None = None) -> Sequence[SentMessage]: ...
    def purchases(self, org_id: str, contact_id: str, most: int) -> int: ...


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
    ) -> ShardProgress:
        """Raises EntryTaken and TakenOver."""


class Looks(Protocol):
    def look_on(self, run_id: RunId, shard: int, after: str) -> None:
        """Ask for the rest of a shard's look."""


class EnterService:
    def __init__(
        self,
        entries: Entries,
        runs: Runs,
        campaigns: Campaigns,
        contacts: Contacts,
        timelines: Timelines,
        ledger: Ledger,
        queues: Queues,
        looks: Looks,
        clock: Callable[[], datetime],
    ) -> None:
        self._entries, self._runs, self._campaigns, self._contacts = entries, runs, campaigns, contacts
        self._timelines, self._ledger, self._queues, self._looks = timelines, ledger, queues, looks
        self._clock = clock

    def enter_message(self, message: Mapping[str, Any], remaining_ms: Callable[[], int]) -> None:
        """Handle a message of the entry queue: candidates, or ``{"org", "campaign", "run", "shard", "after"?}``, the
        request for a look at all contacts of a shard."""
        if "shard" in message:
            self.look_again(RunId.of(message), int(message["shard"]), message.get("after"), remaining_ms)
        else:
            self.enter(Candidates.of(message))

    def enter(self, candidates: Candidates) -> None:
        """Let the candidates into every journey that they have come to.

        One journey that fails keeps no other waiting; the message comes again for it.
        """
        failed: Exception | None = None
        for run_id in self._entries.entrances(candidates.org):
            try:
                run = self._entered_by(run_id)
                if run:
                    self._enter(run, candidates)
            except Exception as error:
                log.exception("contacts could not enter %s/%s", run_id.org, run_id.campaign)
                failed = error
        if failed:
            raise failed

    def look_again(self, run_id: RunId, shard: int, after: str | None, remaining_ms: Callable[[], int]) -> None:
        """Let in whoever of a shard belongs into a drip by now: a wait before entering again ends without any event.

        What time does not allow is queued again.
        """
        run = self._entered_by(run_id)
        if run is None or run.plan.milestone is not None:
            return
        while True:
            page, after = self._contacts.page_of_shard(run_id.org, shard, after, PAGE)
            self._let_in(run, page)
            if after is None:
                return
            if remaining_ms() < SPARE_MS:
                self._looks.look_on(run_id, shard, after)
                return

    def _entered_by(self, run_id: RunId) -> Run | None:
        """The journey's first run, while contacts may enter. A paused one takes them in; their messages wait."""
        run = self._found(run_id)
        if run is None or not run.open or run.status not in (RunStatus.RUNNING, RunStatus.PAUSED):
            return None
        return None if run.plan.end_at is not None and self._clock() >= run.plan.end_at else run

    def _enter(self, run: Run, candidates: Candidates) -> None:
        arrived = arrivals(run, candidates)
        if arrived:
            documents = self._contacts.documents(run.id.org, sorted(arrived))
            self._let_in(run, documents)

    def _reached(self, run: Run, contact_id: str) -> bool:
        milestone, org = run.plan.milestone, run.id.org
        if needs_messages(milestone):
            of = getattr(milestone, "campaign_id", None)
            return reached(run, [message.engagement for message in self._timelines.messages(org, contact_id, of)])
        if isinstance(milestone, CountMilestone):
            return self._timelines.purchases(org, contact_id, milestone.reaches) >= milestone.reaches
        return True

    def _let_in(self, run: Run, contacts: Iterable[Document]) -> None:
        """Give each member of the audience its next place, where it may have one.

        Its first place is in the journey's first run, its second in the one after: so a message's key, which names the
        run, is never used twice.
        """
        belongs, reentry = run.plan.membership(), run.plan.reentry
        waiting = {contact["id"]: contact for contact in contacts if belongs(contact)}
        for n in range(reentry.most if reentry else 1):
            number = run.id.run + n
            key = entry_key(replace(run, id=replace(run.id, run=number)))
            held = self._entries.held(run.id, list(waiting), key) if waiting else {}
            free = [contact for i, contact in waiting.items() if i not in held and self._reached(run, i)]
            nth = self._nth_run(run, number) if free else None
            if nth:
                self._add(nth, key, free)
            now = self._clock()
            waiting = {i: waiting[i] for i, place in held.items() if place.left_for_long(reentry, now)}

    def _nth_run(self, run: Run, number: int) -> Run | None:
        """The run of everybody's n-th way through, made when the first of them comes; None once it is closed."""
        wanted = replace(run.id, run=number)

        def start() -> None:
            campaign = self._campaigns.get(run.id.org, run.id.campaign)
            # Read after the campaign: whatever closes the journey changes the campaign, and is noticed by that.
            first = self._runs.get(run.id)
            if campaign.run >= number or campaign.status not in LIVE or not first.open:
                return
            status = RunStatus.PAUSED if campaign.status == Status.PAUSED else RunStatus.RUNNING
            self._runs.follow_up(_with_run(campaign, number), Run(wanted, status, self._clock(), run.plan, open=True))

        if number == run.id.run:
            return run
        found = self._found(wanted)
        if found is None:
            try_again(start, Stale)
            found = self._found(wanted)
        return found if found and found.open else None

    def _found(self, run_id: RunId) -> Run | None:
        try:
            return self._runs.get(run_id)
        except NotFound:
            return None

    def _add(self, run: Run, key: str, contacts: Iterable[Document]) -> None:
        by_shard: defaultdict[int, list[Document]] = defaultdict(list)
        for contact in contacts:
            by_shard[contact_shard(contact["id"])].append(contact)
        for shard, found in by_shard.items():
            for start in range(0, len(found), JOURNEY_BATCH_SIZE):
                self._add_to_shard(run, key, shard, found[start : start + JOURNEY_BATCH_SIZE])

    def _add_to_shard(self, run: Run, key: str, shard: int, contacts: Collection[Document]) -> None:
        """Add batches behind whatever planning and other workers have added meanwhile."""
        waiting = {contact["id"]: contact for contact in contacts}
        overtaken = 0
        while waiting:
            seen, now = self._runs.shard(run.id, shard), self._clock()
            groups: defaultdict[Group, list[str]] = defaultdict(list)
            for contact_id, contact in waiting.items():
                groups[group_of(run, contact, key, now)[0]].append(contact_id)
            batches = [
                new_batch(BatchId(run.id, shard, seen.sequence + n), group, ids, now)
                for n, (group, ids) in enumerate(groups.items())
            ]
            try:
                self._ledger.add(run, seen, batches, after=None, planned=seen.planned, fallbacks={}, now=now)
            except EntryTaken as taken:
                del waiting[taken.contact]
            except TakenOver:
                overtaken += 1
                if not self._runs.get(run.id).open:
                    return
                if overtaken == _ATTEMPTS:
                    raise
            else:
                queue_now(self._queues, batches, now)
                return


def _with_run(campaign: Campaign, number: int) -> Campaign:
    """The campaign with one more run that goes on."""
    return campaign.model_copy(update={"run": number, "latest": (number,), "live": (*campaign.live, number)})
