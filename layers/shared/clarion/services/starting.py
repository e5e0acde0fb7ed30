"""The tick: start what is due, release what waits, look after what runs, pick up what lost workers left lying."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from clarion.domain.campaign import Campaign, Status
from clarion.domain.due import Due, DueBatch
from clarion.domain.errors import DomainError, Stale
from clarion.domain.occurrences import Start, latest_due, next_start
from clarion.domain.run import BatchId, RunId, RunStatus

STARTING, RELEASING, LOOKING = timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=40)
"""Since the tick began, when it ends each of its parts: its function has 50 s, and the next tick does the rest."""
RELEASED_AT_ONCE = 400  # batches: a tick that is lost in between has put off no more than these without queueing them
LONG_QUEUE = 2_000  # waiting messages of the send queue: then what was queued before is not queued again

log = logging.getLogger(__name__)


class DueWork(Protocol):
    def due(self, now: datetime) -> Due: ...
    def look_again(self, batches: Sequence[DueBatch], now: datetime) -> list[DueBatch]: ...
    def beat(self, now: datetime) -> None: ...


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...
    def replace(self, org_id: str, campaign: Campaign) -> Campaign: ...


class Launcher(Protocol):
    def launch_as_seen(self, org_id: str, campaign: Campaign, start: Start | None) -> Campaign:
        """Raises Stale when the campaign is not that version any more."""


class Runs(Protocol):
    def close(self, campaign: Campaign, run_id: RunId) -> None:
        """Nobody enters the journey's run any more. Raises Stale."""

    def move(self, org: str, campaign: Campaign, runs: Mapping[int, RunStatus]) -> None:
        """Raises Stale."""


class Supervisor(Protocol):
    def look_after(self, run_id: RunId, now: datetime) -> None: ...


class Queues(Protocol):
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...
    def plan(self, run_id: RunId) -> None: ...
    def waiting_to_send(self) -> int:
        """About how many messages the send queue holds."""


class StartService:
    def __init__(
        self,
        due: DueWork,
        campaigns: Campaigns,
        launcher: Launcher,
        runs: Runs,
        supervisor: Supervisor,
        queues: Queues,
        clock: Callable[[], datetime],
    ) -> None:
        self._due, self._campaigns, self._launcher, self._runs = due, campaigns, launcher, runs
        self._supervisor, self._queues, self._clock = supervisor, queues, clock

    def tick(self) -> dict[str, int]:
        """What is due by now, once, as far as there is time; the numbers of what was done, for the log.

        What goes wrong with one campaign or run is logged and left for the next tick; the others are not kept waiting.
        """
        now = self._clock()
        due = self._due.due(now)
        counts = Counter(started=0, expired=0, failed=0, closed=0, runs=0, released=0, errors=0)
        for org, campaign in due.campaigns:
            if self._clock() - now > STARTING:
                break
            with self._kept_apart(counts, f"{org}/{campaign}"):
                counts[self._appointment(org, campaign)] += 1
        with self._kept_apart(counts, "the batches that are due"):
            for start in range(0, len(due.batches), RELEASED_AT_ONCE):
                if self._clock() - now > RELEASING:
                    break
                counts["released"] += self._release(due.batches[start : start + RELEASED_AT_ONCE], now)
        for run_id in due.runs:
            if self._clock() - now > LOOKING:
                break
            with self._kept_apart(counts, f"{run_id.org}/{run_id.campaign}/{run_id.run}"):
                self._supervisor.look_after(run_id, now)
                counts["runs"] += 1
        self._due.beat(now)
        return dict(counts)

    @contextmanager
    def _kept_apart(self, counts: Counter[str], name: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            counts["errors"] += 1
            log.exception("the tick left %s for the next one", name)

    def _release(self, batches: Sequence[DueBatch], now: datetime) -> int:
        """Queue the batches whose time has come.

        A batch seen before was queued already: while the queue is long it is still in there.
        """
        mine = self._due.look_again(batches, now)
        if any(batch.looks for batch in mine) and self._queues.waiting_to_send() > LONG_QUEUE:
            mine = [batch for batch in mine if not batch.looks]
        self._queues.send([batch.id for batch in mine])
        return len(mine)

    def _appointment(self, org_id: str, campaign_id: str) -> str:
        """Do what is due with a campaign.

        The index lags behind the table, so the campaign itself says whether its time has come; and the very version
        that said so is moved, so that nothing its owner changed meanwhile is overridden.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        now = self._clock()
        if campaign.status not in (Status.SCHEDULED, Status.RUNNING):
            return "not_due"
        if campaign.start is None or campaign.start.at > now:
            return "not_due"
        try:
            if campaign.status == Status.RUNNING and campaign.journey and not campaign.daily:
                return self._close(org_id, campaign, now)
            return self._start(org_id, campaign, campaign.start, now)
        except Stale:
            return "not_due"

    def _start(self, org_id: str, campaign: Campaign, start: Start, now: datetime) -> str:
        """Launch a run; what comes too late is left out, and what cannot be launched any more says why."""
        missed = 0
        if campaign.repeats:
            start, missed = latest_due(campaign, start, now)
        end = campaign.schedule.end_at if campaign.schedule else None
        late = campaign.expire_after is not None and now > start.latest + campaign.expire_after
        if late or (end is not None and now >= end):
            return self._expire(org_id, campaign, missed + 1, start, now)
        counted = campaign.model_copy(update={"missed": campaign.missed + missed})
        try:
            self._launcher.launch_as_seen(org_id, counted, start)
        except Stale:
            raise
        except DomainError as error:
            status = Status.PAUSED if campaign.status == Status.RUNNING else Status.FAILED
            with suppress(Stale):
                self._stop(org_id, campaign, status, str(error), now)
            return "failed"
        return "started"

    def _expire(self, org_id: str, campaign: Campaign, missed: int, start: Start, now: datetime) -> str:
        late = f"it was due at {start.at:%Y-%m-%d %H:%M} UTC and expired"
        if not campaign.repeats:
            self._campaigns.replace(org_id, campaign.to(Status.FAILED, now, late))
            return "expired"
        kept = campaign.model_copy(update={"missed": campaign.missed + missed, "updated_at": now})
        following = next_start(campaign, now)
        kept = kept.awaiting(following)
        if following is None and not kept.live:
            kept = kept.to(Status.COMPLETED_WITH_FAILURES if kept.flawed else Status.COMPLETED, now)
        self._campaigns.replace(org_id, kept)
        return "expired"

    def _stop(self, org_id: str, campaign: Campaign, status: Status, reason: str, now: datetime) -> None:
        """What cannot be launched fails; where earlier runs of the campaign go on, all of it pauses."""
        self._runs.move(org_id, campaign.to(status, now, reason), dict.fromkeys(campaign.live, RunStatus.PAUSED))

    def _close(self, org_id: str, campaign: Campaign, now: datetime) -> str:
        """A journey's end: nobody enters any more, and what still waits is over. The last run ends the appointment."""
        if not campaign.live:  # closed before, and its last run ended while it was to be closed once more
            self._campaigns.replace(org_id, campaign.awaiting(None).ended_if_idle(now))
        for n, run in enumerate(campaign.live, 1):
            closing = campaign.awaiting(None) if n == len(campaign.live) else campaign
            run_id = RunId(org_id, campaign.id, run)
            self._runs.close(closing.model_copy(update={"updated_at": now}), run_id)
            self._queues.plan(run_id)
            campaign = campaign.model_copy(update={"version": campaign.version + 1})
        return "closed"
