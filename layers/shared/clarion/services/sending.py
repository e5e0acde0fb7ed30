"""Sending: claim a batch, claim its messages, call the vendor, record, count.

No vendor has an idempotency key for sending, so exactly-once is made here. A batch belongs to one worker at a time
(``owner`` and a lease). Just before each vendor call its row says which recipients the call is for; a worker that dies
before that loses nothing, since the next one sends; one that dies after it leaves that call's recipients ``unknown``,
and they are never sent to again by themselves: the vendor's events tell which of them arrived.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from clarion.clock import stamp
from clarion.domain.addresses import normalise_email
from clarion.domain.errors import DomainError
from clarion.domain.mail import Mail, MailChannel
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.rendering import RenderFailed
from clarion.domain.run import (
    FAILED,
    REJECTED,
    RENDER_FAILED,
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

LEASE = timedelta(seconds=150)  # longer than a worker's time-out (120 s)
MOST_LOST_WORKERS = 5  # workers one batch may cost in a row before it is given up
GIVE_UP_AFTER = timedelta(hours=24)  # since the launch: then what the vendor still postpones is given up
FIRST_DELAY_S = 5
LONGEST_DELAY_S = 900  # SQS DelaySeconds, AWS quota page
SPARE_MS = 40_000  # no further call is begun when less is left: one call of a vendor usually takes under 13 s


class Ledger(Protocol):
    def get(self, run_id: RunId) -> Run: ...
    def batch(self, batch_id: BatchId) -> Batch: ...
    def claim(self, seen: Batch, owner: str, lease_until: str) -> Batch: ...
    def save(self, seen: Batch, batch: Batch) -> Batch: ...
    def claim_messages(self, batch: Batch, run: Run, addresses: Mapping[int, str], now: datetime) -> set[int]: ...
    def done(self, seen: Batch, batch: Batch, run: Run, now: datetime) -> None: ...


class Contacts(Protocol):
    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        """The documents of those contacts that exist, in any order."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Composer(Protocol):
    def compose(self, contact: Mapping[str, Any]) -> Mail:
        """The mail this contact gets. Raises RenderFailed, and ValueError for what cannot be put on the wire."""


class Queue(Protocol):
    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None: ...


class Completion(Protocol):
    def settle(self, run: Run) -> bool: ...
    def pause(self, run_id: RunId, reason: str) -> None: ...


class SendService:
    """``composer_of`` gives the composer of a run; a warm worker keeps it between batches."""

    def __init__(
        self,
        ledger: Ledger,
        contacts: Contacts,
        suppressions: Suppressions,
        composer_of: Callable[[Run], Composer],
        channel: MailChannel,
        queue: Queue,
        completion: Completion,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger, self._contacts, self._suppressions = ledger, contacts, suppressions
        self._composer_of, self._channel, self._queue = composer_of, channel, queue
        self._completion, self._clock = completion, clock

    def send_message(self, message: Mapping[str, Any], remaining_ms: Callable[[], int]) -> None:
        """As ``send``, for a message of the send queue: ``{"org", "campaign", "run", "shard", "sequence"}``."""
        self.send(BatchId.of(message), remaining_ms)

    def send(self, batch_id: BatchId, remaining_ms: Callable[[], int]) -> None:
        """Bring one batch to its end, or leave it so that it is brought there later.

        Doing nothing is right when the batch is done, another worker holds it, its time has not come, or the run does
        not run: a repeated queue message is harmless, and a paused run's batches are queued again when it goes on.
        """
        if remaining_ms() < SPARE_MS:
            self._queue.send([batch_id])
            return
        run = self._ledger.get(batch_id.run)
        seen = self._ledger.batch(batch_id)
        if run.status != RunStatus.RUNNING or not seen.free(stamp(self._clock())):
            return
        try:
            batch = self._ledger.claim(seen, str(uuid4()), stamp(self._clock() + LEASE))
            self._work(run, self._with_lost_call(batch), batch, remaining_ms)
        except TakenOver:
            return

    def _with_lost_call(self, batch: Batch) -> Batch:
        """A predecessor died inside a vendor call: nobody knows whether those mails left."""
        lost = {i: Result(UNKNOWN, "the worker was lost during the call") for i in batch.call}
        return replace(batch, results={**lost, **batch.results}, call=())

    def _work(self, run: Run, batch: Batch, seen: Batch, remaining_ms: Callable[[], int]) -> None:
        if batch.attempts > MOST_LOST_WORKERS:
            self._end(run, _given_up(batch, f"{MOST_LOST_WORKERS} workers were lost on this batch"), seen, [], None)
            return
        try:
            composer = self._composer_of(run)
        except (DomainError, ValueError) as error:
            self._end(run, batch, seen, [], Stop("NotComposable", str(error)))
            return
        batch, mails = self._compose(run, composer, batch, remaining_ms)
        held = self._ledger.claim_messages(batch, run, {i: address for i, (address, _) in mails.items()}, self._clock())
        twice = {i: Result("skipped.duplicate") for i in mails if i not in held}
        batch = replace(batch, results={**batch.results, **twice})
        ready = [i for i in mails if i in held]
        postponed: list[Retry] = []
        stopped: Stop | None = None
        for start in range(0, len(ready), self._channel.max_batch):
            if stopped or remaining_ms() < SPARE_MS:
                break
            call = ready[start : start + self._channel.max_batch]
            seen = self._ledger.save(seen, replace(batch, state=BatchState.CALLING, call=tuple(call)))
            outcomes = self._channel.send([mails[i][1] for i in call])
            results = {i: _result(outcome) for i, outcome in zip(call, outcomes, strict=True)}
            batch = replace(batch, results={**batch.results, **{i: r for i, r in results.items() if r is not None}})
            postponed += [outcome for outcome in outcomes if isinstance(outcome, Retry)]
            stopped = next((outcome for outcome in outcomes if isinstance(outcome, Stop)), None)
        self._end(run, batch, seen, postponed, stopped)

    def _end(self, run: Run, batch: Batch, seen: Batch, postponed: Sequence[Retry], stopped: Stop | None) -> None:
        """Close the batch, or release it in good order: to wait, or to stand still with its paused run."""
        if postponed and not stopped and self._clock() >= run.started_at + GIVE_UP_AFTER:
            batch = _given_up(batch, postponed[-1].reason)
        if not batch.pending:
            self._ledger.done(seen, batch, run, self._clock())
            self._completion.settle(run)
            return
        sent_some = len(batch.results) > len(seen.results)
        delay = _delay(0 if sent_some else batch.postponed, postponed) if postponed and not stopped else 0
        released = replace(
            batch,
            state=BatchState.PLANNED,
            call=(),
            attempts=0,
            postponed=batch.postponed + 1 if delay and not sent_some else 0,
            lease_until=stamp(self._clock() + timedelta(seconds=max(delay - 1, 0))),
        )
        self._ledger.save(seen, released)
        if stopped:
            self._completion.pause(run.id, f"{stopped.code}: {stopped.reason}")
        else:
            self._queue.send([batch.id], delay)

    def _compose(
        self, run: Run, composer: Composer, batch: Batch, remaining_ms: Callable[[], int]
    ) -> tuple[Batch, dict[int, tuple[str, Mail]]]:
        """Everybody without a result gets either a mail with its normalised address, or the reason for none.

        Whoever there is no time for stays without a result, for the next worker.
        """
        results, mails = dict(batch.results), {}
        ids = [batch.contacts[i] for i in batch.pending]
        contacts = {contact["id"]: contact for contact in self._contacts.documents(run.id.org, ids)}
        addresses = {i: _address(contacts.get(batch.contacts[i])) for i in batch.pending}
        known = [address for address in addresses.values() if address]
        suppressed = self._suppressions.suppressed(run.id.org, run.channel, known)
        late = run.end_at is not None and self._clock() >= run.end_at
        for i, address in addresses.items():
            if remaining_ms() < SPARE_MS:
                break
            contact = contacts.get(batch.contacts[i])
            reason = _skip_reason(contact, run.channel, address, address in suppressed, late)
            if reason or contact is None or address is None:
                results[i] = Result(f"skipped.{reason}")
                continue
            try:
                mails[i] = (address, composer.compose(contact))
            except (RenderFailed, ValueError) as error:
                results[i] = Result(RENDER_FAILED, str(error))
        return replace(batch, results=results), mails


def _given_up(batch: Batch, reason: str) -> Batch:
    return replace(batch, results={**batch.results, **{i: Result(FAILED, reason) for i in batch.pending}})


def _address(contact: Mapping[str, Any] | None) -> str | None:
    try:
        return normalise_email(contact["email"]) if contact and contact.get("email") else None
    except ValueError:
        return None


def _skip_reason(
    contact: Mapping[str, Any] | None, channel: str, address: str | None, suppressed: bool, late: bool
) -> str | None:
    if contact is None:
        return "contact_deleted"
    if late:
        return "expired"
    if address is None:
        return "no_address"
    if suppressed:
        return "suppressed"
    if (contact.get("consent") or {}).get(channel) == "denied":
        return "no_consent"
    return None


def _result(outcome: Outcome) -> Result | None:
    """A vendor's answer in the ledger's words; None where the recipient is still to be sent to."""
    match outcome:
        case Accepted(vendor_id):
            return Result(SENT, vendor_id)
        case Rejected(code, reason):
            return Result(REJECTED, f"{code}: {reason}")
        case Unknown(reason):
            return Result(UNKNOWN, reason)
        case Retry() | Stop():
            return None


def _delay(postponed: int, retries: Sequence[Retry]) -> int:
    """Seconds until the next attempt: what the vendor asked for, else up to FIRST_DELAY_S doubled each time.

    The time is drawn, so that batches which were refused together do not come back together.
    """
    asked = max((retry.after_seconds or 0 for retry in retries), default=0)
    if asked:
        return int(min(LONGEST_DELAY_S, asked * random.uniform(1, 1.25) + 1))  # noqa: S311 - jitter, not a secret
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(postponed, 8))
    return random.randint(1, longest)  # noqa: S311 - jitter, not a secret
