"""Sending: claim a batch, claim its messages, call the vendor, record, count.

No vendor has an idempotency key for sending, so exactly-once is made here. A batch belongs to one worker at a time
(``owner`` and a lease). Just before each vendor call its row says which recipients the call is for; a worker that dies
before that loses nothing, since the next one sends; one that dies after it leaves that call's recipients ``unknown``
(but those of whom it is sure that the vendor was told nothing), and they are never sent to again by themselves: the
vendor's events tell which of them arrived.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from clarion.clock import moment, stamp
from clarion.domain.errors import DomainError
from clarion.domain.message_channel import MessageChannel
from clarion.domain.outcome_result import result_of
from clarion.domain.outcomes import Accepted, Retry, Stop
from clarion.domain.release import Go, Skip, Wait, release
from clarion.domain.run import (
    FAILED,
    FIRST_LOOK,
    SENT,
    UNKNOWN,
    Batch,
    BatchId,
    BatchState,
    Result,
    Run,
    RunId,
    RunStatus,
    TakenOver,
)
from clarion.domain.sending_rules import SendingRules
from clarion.domain.succession import successor_of
from clarion.services.addressing import SPARE_MS, Addressed, Addressing, Composer
from clarion.services.allowances import Allowances
from clarion.services.pacing import LONGEST_DELAY_S, delay_seconds, turn_seconds

LEASE = timedelta(seconds=150)  # longer than a worker's time-out (120 s)
MOST_LOST_WORKERS = 5  # workers one batch may cost in a row before it is given up
GIVE_UP_AFTER = timedelta(hours=24)  # without the vendor taking any of a batch: then what it postpones is given up
_PLACE_USED = (SENT, UNKNOWN, "skipped.duplicate")  # a duplicate's place is that of the message it would repeat
_SECOND = timedelta(seconds=1)


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...


class Ledger(Protocol):
    def get(self, batch_id: BatchId) -> Batch: ...
    def claim(self, seen: Batch, owner: str, lease_until: str) -> Batch: ...
    def save(self, seen: Batch, batch: Batch) -> Batch: ...
    def claim_messages(self, batch: Batch, run: Run, addresses: Mapping[int, str], now: datetime) -> set[int]: ...
    def done(self, seen: Batch, batch: Batch, run: Run, now: datetime, successor: Batch | None = None) -> None: ...


class Queue(Protocol):
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool: ...
    def pause(self, run_id: RunId, reason: str) -> None: ...


class Rules(Protocol):
    def get(self, org_id: str) -> SendingRules: ...


class Lost(Protocol):
    def unsent(self, run: Run, batch: Batch) -> set[int]:
        """Those of the batch's call, whose worker was lost, of whom it is sure that the vendor was told nothing."""


class Signs(Protocol):
    def sent(self, org_id: str, channel: str, now: datetime) -> None:
        """Remember when something was last sent; never raises."""


class SendService:
    """``composer_of`` gives the composer of a run's message, ``channel_of`` what an organisation's messages leave by; a
    warm worker keeps both between batches."""

    def __init__(
        self,
        runs: Runs,
        ledger: Ledger,
        addressing: Addressing,
        allowances: Allowances,
        composer_of: Callable[[Run, BatchId, str], Composer],
        channel_of: Callable[[str, str], MessageChannel],
        queue: Queue,
        completion: Completion,
        lost: Lost,
        rules: Rules,
        signs: Signs,
        clock: Callable[[], datetime],
    ) -> None:
        self._runs, self._ledger, self._addressing, self._allowances = runs, ledger, addressing, allowances
        self._composer_of, self._channel_of, self._queue = composer_of, channel_of, queue
        self._completion, self._lost, self._rules = completion, lost, rules
        self._signs, self._clock = signs, clock

    def send_message(self, message: Mapping[str, object], remaining_ms: Callable[[], int]) -> None:
        """As ``send``, for a message of the send queue: ``{"org", "campaign", "run", "shard", "sequence", "step"}``."""
        self.send(BatchId.of(message), remaining_ms)

    def send(self, batch_id: BatchId, remaining_ms: Callable[[], int]) -> None:
        """Bring one batch to its end, or leave it so that it is brought there later.

        Doing nothing is right when the batch is done, another worker holds it, or its time has not come: a repeated
        queue message is harmless. A batch of a run that does not run is laid aside until that goes on.
        """
        if remaining_ms() < SPARE_MS:
            self._queue.send([batch_id])
            return
        # The batch is read first: what sets the run going again wakes the batch, and laying it aside is refused then.
        seen = self._ledger.get(batch_id)
        run = self._runs.get(batch_id.run)
        if not seen.free(stamp(self._clock())):
            return
        try:
            if run.status != RunStatus.RUNNING:
                self._ledger.save(seen, replace(seen, look_at="", refused_since=""))
                return
            self._work(run, seen, remaining_ms)
        except TakenOver:
            return

    def _work(self, run: Run, seen: Batch, remaining_ms: Callable[[], int]) -> None:
        rules = self._rules.get(run.id.org)
        verdict = release(run, seen, rules.quiet_hours, self._clock())
        if isinstance(verdict, Wait) and not seen.call:
            self._lay_aside(seen, verdict.until)
            return
        wait = 0.0 if seen.call or not isinstance(verdict, Go) else self._allowances.wait(run, rules)
        if wait:
            self._stand_in_line(seen, wait)
            return
        mine = self._ledger.claim(seen, str(uuid4()), stamp(self._clock() + LEASE))
        batch = self._with_lost_call(run, mine)
        if isinstance(verdict, Wait):
            self._end(run, batch, mine, wait=max(0.0, (verdict.until - self._clock()).total_seconds()))
        elif isinstance(verdict, Skip):
            skipped = {i: Result(f"skipped.{verdict.reason}") for i in batch.pending}
            self._allowances.give_back(run, batch, _may_hold_places(batch), rules)
            self._end(run, replace(batch, results={**batch.results, **skipped}), mine)
        elif batch.attempts > MOST_LOST_WORKERS:
            self._allowances.give_back(run, batch, _may_hold_places(batch), rules)
            self._end(run, _given_up(batch, f"{MOST_LOST_WORKERS} workers were lost on this batch"), mine)
        else:
            self._deliver(run, batch, mine, rules, remaining_ms)

    def _with_lost_call(self, run: Run, batch: Batch) -> Batch:
        """A predecessor died inside a vendor call: nobody knows of most whether their messages left."""
        unsent = self._lost.unsent(run, batch) if batch.call else set[int]()
        lost = {i: Result(UNKNOWN, "the worker was lost during the call") for i in batch.call if i not in unsent}
        return replace(batch, results={**lost, **batch.results}, call=())

    def _deliver(
        self, run: Run, batch: Batch, seen: Batch, rules: SendingRules, remaining_ms: Callable[[], int]
    ) -> None:
        try:
            channel = self._channel_of(run.id.org, run.channel)
            composer = self._composer_of(run, batch.id, batch.variant)
        except (DomainError, ValueError) as error:
            self._end(run, batch, seen, stopped=Stop("NotSendable", str(error)))
            return
        holders = set(_may_hold_places(batch))
        batch, messages = self._addressing.address(run, composer, batch, remaining_ms)
        allowed = self._allowances.within_caps(run, batch, list(messages), rules, self._clock())
        capped = {i: Result("skipped.capped") for i in messages if i not in allowed}
        addresses = {i: messages[i].to for i in messages if i in allowed}
        held = self._ledger.claim_messages(batch, run, addresses, self._clock())
        twice = {i: Result("skipped.duplicate") for i in addresses if i not in held}
        batch = replace(batch, results={**batch.results, **capped, **twice})
        batch, seen, retries, stopped, wait = self._call(
            run, batch, seen, {i: messages[i] for i in addresses if i in held}, channel, rules, remaining_ms
        )
        unsent = [i for i in holders | held if batch.results.get(i, Result(SENT)).code not in _PLACE_USED]
        # Who waits for long takes a place again when the time has come: a place counts from when it is taken.
        parked = batch.pending if stopped or wait > LONGEST_DELAY_S else []
        self._allowances.give_back(run, batch, [*unsent, *parked], rules)
        self._end(run, batch, seen, retries=retries, stopped=stopped, wait=wait)

    def _call(
        self,
        run: Run,
        batch: Batch,
        seen: Batch,
        messages: Mapping[int, Addressed],
        channel: MessageChannel,
        rules: SendingRules,
        remaining_ms: Callable[[], int],
    ) -> tuple[Batch, Batch, list[Retry], Stop | None, float]:
        """Call the vendor for as many as rate and time allow; the seconds to wait where the rate does not."""
        ready, retries = list(messages), list[Retry]()
        while ready and remaining_ms() >= SPARE_MS:
            number, wait = self._allowances.lease(
                run, min(len(ready), channel.max_batch), rules, remaining_ms() - SPARE_MS
            )
            if wait:
                return batch, seen, retries, None, wait
            leased_at = self._clock()
            call, ready = ready[:number], ready[number:]
            seen = self._ledger.save(seen, replace(batch, state=BatchState.CALLING, call=tuple(call)))
            outcomes = channel.send([messages[i].message for i in call])
            results = {i: result for i, o in zip(call, outcomes, strict=True) if (result := result_of(o)) is not None}
            since = "" if results else batch.refused_since
            batch = replace(batch, results={**batch.results, **results}, refused_since=since)
            postponed = [outcome for outcome in outcomes if isinstance(outcome, Retry)]
            retries += postponed
            self._allowances.record(run, outcomes, rules, leased_at)
            if any(isinstance(outcome, Accepted) for outcome in outcomes):
                self._signs.sent(run.id.org, run.channel, self._clock())
            stopped = next((outcome for outcome in outcomes if isinstance(outcome, Stop)), None)
            if stopped or any(retry.throttled for retry in postponed):
                return batch, seen, retries, stopped, 0.0
        return batch, seen, retries, None, 0.0

    def _end(
        self,
        run: Run,
        batch: Batch,
        seen: Batch,
        *,
        retries: Sequence[Retry] = (),
        stopped: Stop | None = None,
        wait: float = 0.0,
    ) -> None:
        """Close the batch, or release it in good order: to wait, or to stand still with its paused run."""
        now = self._clock()
        since = "" if wait > LONGEST_DELAY_S else batch.refused_since
        if retries and not stopped and since and now >= moment(since) + GIVE_UP_AFTER:
            self._allowances.give_back(run, batch, batch.pending, self._rules.get(run.id.org))
            batch = _given_up(batch, retries[-1].reason)
        if not batch.pending:
            successor = successor_of(run, batch, now)
            self._ledger.done(seen, batch, run, now, successor)
            if successor and _due(successor) <= now + timedelta(seconds=LONGEST_DELAY_S):
                self._queue.send([successor.id], max(0, round((_due(successor) - now).total_seconds() + 0.5)))
            self._completion.settle(run)
            return
        sent_some = len(batch.results) > len(seen.results)
        delay = delay_seconds(0 if sent_some else batch.postponed, retries) if retries and not stopped else 0
        delay = max(delay, turn_seconds(0 if sent_some else batch.postponed, wait)) if wait else delay
        until = now + timedelta(seconds=max(delay - 1, 0))
        released = replace(
            batch,
            state=BatchState.PLANNED,
            call=(),
            attempts=0,
            postponed=batch.postponed + 1 if delay and not sent_some else 0,
            refused_since=since or (stamp(now) if retries else ""),
            lease_until=stamp(until),
            look_at=stamp(until + (FIRST_LOOK if delay <= LONGEST_DELAY_S else _SECOND)),
        )
        self._ledger.save(seen, released)
        if stopped:
            self._completion.pause(run.id, f"{stopped.code}: {stopped.reason}")
        elif delay <= LONGEST_DELAY_S:
            self._queue.send([batch.id], delay)

    def _stand_in_line(self, seen: Batch, wait: float) -> None:
        """The channel's rate is taken for a while: nothing is prepared that could not leave."""
        delay = turn_seconds(seen.postponed, wait)
        until = self._clock() + timedelta(seconds=delay - 1)
        look_at = stamp(until + (FIRST_LOOK if delay <= LONGEST_DELAY_S else _SECOND))
        waits = replace(seen, lease_until=stamp(until), look_at=look_at, postponed=seen.postponed + 1)
        self._ledger.save(seen, replace(waits, state=BatchState.PLANNED))
        if delay <= LONGEST_DELAY_S:
            self._queue.send([seen.id], delay)

    def _lay_aside(self, seen: Batch, until: datetime) -> None:
        """Nobody takes the batch before ``until``; the scheduler finds it then."""
        at = stamp(until)
        waits = replace(seen, state=BatchState.PLANNED, lease_until=at, look_at=at, attempts=0, refused_since="")
        self._ledger.save(seen, waits)


def _due(batch: Batch) -> datetime:
    return datetime.fromisoformat(batch.due_at)


def _may_hold_places(batch: Batch) -> list[int]:
    """Recipients for whom an earlier worker may have taken a place under frequency caps; the first took none yet."""
    return batch.pending if batch.moves > 1 else []


def _given_up(batch: Batch, reason: str) -> Batch:
    return replace(batch, results={**batch.results, **{i: Result(FAILED, reason) for i in batch.pending}})
