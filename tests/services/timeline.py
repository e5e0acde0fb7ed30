"""A delivery driven through time: ticks at what is due, what left when, and the promises that hold whenever it ends.

The tick runs every minute. Most of two years' minutes have nothing to do, so `Timeline` goes from one appointment to
the next; what a tick finds there is what the tick of that minute would have found.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from clarion import keys
from clarion.clock import moment
from clarion.domain.campaign import ENDED, Campaign, Status
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Outcome
from clarion.domain.run import BatchId, Progress, Run, RunId
from clarion.domain.split import WINNER
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details
from tests.fakes.world import Clock, Killed, Vendor

MINUTE = timedelta(minutes=1)
MOST_TICKS, MOST_ROUNDS = 5_000, 400
"""More than any test needs: whoever gets there is stuck."""
OVER = ENDED | {Status.FAILED}


@contextmanager
def few_shards(number: int = 2) -> Iterator[None]:
    """Contacts are in two shards instead of 16, where many small runs are looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clarion.keys.CONTACT_SHARDS", number)
        patch.setattr("clarion.services.supervision.CONTACT_SHARDS", number)
        yield


class Letter(NamedTuple):
    """A message that left. ``variant`` is the one that was sent, be it as the winner."""

    contact: str
    campaign: str
    run: int
    step: str
    variant: str
    at: datetime


class PostOffice(Vendor):
    """A vendor that remembers what it took, and when."""

    def __init__(self, clock: Clock, max_batch: int) -> None:
        super().__init__(max_batch)
        self.letters: list[Letter] = []
        self._clock = clock

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        before, ids = len(self.outbox), {mail.to: mail.message_id for mail in mails}
        try:
            return super().send(mails)
        finally:  # a worker that dies after the call has sent all the same
            for address in self.outbox[before:]:
                contact, campaign, run, step, variant = ids[address].strip("<").split("@")[0].split("/")
                self.letters.append(Letter(contact, campaign, int(run), step, variant, self._clock()))


@dataclass(frozen=True)
class Addresser:
    """Composes as another composer does, and writes onto the mail what it is."""

    run: Run
    batch_id: BatchId
    variant: str
    composer: Any

    def compose(self, contact: Mapping[str, Any]) -> Mail:
        variant = self.run.winner if self.variant == WINNER else self.variant
        what = (contact["id"], self.run.id.campaign, str(self.run.id.run), self.run.step(self.batch_id).id, variant)
        mail: Mail = self.composer.compose(contact)
        return replace(mail, message_id=f"<{'/'.join(what)}@shop.example>")


class Timeline(Delivery):
    """A delivery whose clock a test moves."""

    def __init__(self, start: str = "2026-11-21T09:00:00Z", max_batch: int = 50) -> None:
        super().__init__(max_batch)
        self.clock.time = datetime.fromisoformat(start).astimezone(UTC)
        self.vendor = self.post = PostOffice(self.clock, max_batch)
        self.through(self.post, self._addresser)

    def _addresser(self, run: Run, batch_id: BatchId, variant: str) -> Addresser:
        return Addresser(run, batch_id, variant, self._composer_of(run, batch_id, variant))

    # --- campaigns

    def create(self, wanted: Status | None = Status.SCHEDULED, campaign: str = CAMPAIGN, **details: Any) -> Campaign:
        return self.service.create(ORG, campaign, "u-owner", campaign_details(**details), wanted)

    def move(self, status: Status, campaign: str = CAMPAIGN) -> Campaign:
        """As a user asks for it."""
        return self.service.update(ORG, campaign, self.named(campaign), status, None)

    def named(self, campaign: str = CAMPAIGN) -> Campaign:
        return self.campaigns.get(ORG, campaign)

    def progress(self, run: int = 1, campaign: str = CAMPAIGN) -> Progress:
        return self.runs.progress(RunId(ORG, campaign, run))

    # --- time

    def tick(self) -> dict[str, int]:
        """One tick at this moment; a killed one did as much as it did."""
        try:
            return self.starter.tick()
        except Killed:
            self.table.kill_at = None
            return {}

    def settle(self) -> None:
        """Handle the queue's messages of this moment; time stands still."""
        while self.queue.waiting or any(at <= self.clock() for at, _ in self.queue.delayed):
            self.step()

    def minutes(self, number: int) -> None:
        """So many minutes, none left out."""
        for _ in range(number):
            self.clock.go_on(minutes=1)
            self.tick()
            self.settle()

    def until(self, end: datetime | str) -> None:
        """Go from appointment to appointment up to ``end``; the tick comes on the full minute, and at the end."""
        end = datetime.fromisoformat(end).astimezone(UTC) if isinstance(end, str) else end
        self.settle()
        for _ in range(MOST_TICKS):
            at = self.next_at()
            if at is None or at > end:
                break
            self.clock.time = max(self.clock(), at)
            self.tick()
            self.settle()
            if self.next_at() == at:  # it was put off within the minute, or could not be done
                self.clock.go_on(minutes=1)
        else:
            raise AssertionError(f"still busy after {MOST_TICKS} ticks")
        self.clock.time = max(self.clock(), end)
        self.tick()
        self.settle()

    def next_at(self) -> datetime | None:
        """The minute in which there is something to do next: a campaign's or a batch's time, a delayed message's.

        The looks after runs come every minute and are left out; each tick has those that are due.
        """
        rows = [(sk, item["due_sk"]) for (_, sk), item in self.table.items.items() if "due_sk" in item]
        times = [moment(due.split("#")[0]) for sk, due in rows if sk != "RUN"] + [at for at, _ in self.queue.delayed]
        return _full_minute(min(times)) if times else None

    def finish(self, campaign: str = CAMPAIGN) -> Campaign:
        """Go on until the campaign is over; lost work is found by the looks of every minute."""
        self.settle()
        for _ in range(MOST_ROUNDS):
            at = self.next_at()
            if at is None or at > self.clock() + 15 * MINUTE:  # nothing soon: was anything lost?
                self.minutes(5)
                at = max(self.clock(), at or self.clock() + timedelta(hours=1))
            if self.named(campaign).status in OVER:
                return self.named(campaign)
            self.clock.time = max(self.clock() + MINUTE, at)
            self.tick()
            self.settle()
        raise AssertionError(f"it never ends: {self.named(campaign)}")

    # --- what left

    @property
    def letters(self) -> list[Letter]:
        return self.post.letters

    def times(self) -> list[str]:
        """When messages left, ``2026-11-21T09:00``, each moment once."""
        return sorted({f"{letter.at:%Y-%m-%dT%H:%M}" for letter in self.letters})

    def runs_by_minute(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for letter in self.letters:
            found.setdefault(f"{letter.at:%Y-%m-%dT%H:%M}", set()).add(letter.run)
        return found

    def check(self, *campaigns: str) -> None:
        """Nobody got anything twice, everybody has an outcome, and counts, ledger and outbox agree."""
        again = Counter((letter.contact, letter.campaign, letter.run, letter.step) for letter in self.letters)
        assert [which for which, n in again.items() if n > 1] == []
        for name in campaigns or (CAMPAIGN,):
            campaign, sent, unknown = self.named(name), 0, 0
            for number in range(1, campaign.run + 1):
                progress = self.progress(number, name)
                if campaign.status not in (Status.CANCELLED,) and number not in campaign.live:
                    assert progress.complete, f"run {number} of {name} ended before its counts added up"
                sent += progress.outcomes.get("sent", 0)
                unknown += progress.outcomes.get("unknown", 0)
            left = sum(letter.campaign == name for letter in self.letters)
            assert sent == self.counted(name)
            if campaign.status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES):
                assert sent <= left <= sent + unknown

    def counted(self, campaign: str = CAMPAIGN, metric: str = "sends") -> int:
        """As the report counts, over steps and variants."""
        rows = self.table.query_all(keys.campaign_pk(ORG, campaign), "STAT#DAY#")
        return sum(int(n) for row in rows for name, n in row.items() if name.endswith(f".{metric}"))


def _full_minute(at: datetime) -> datetime:
    rest = timedelta(seconds=at.second, microseconds=at.microsecond)
    return at if not rest else at - rest + MINUTE
