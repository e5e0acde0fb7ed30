"""What an organisation and its vendor allow: frequency caps per contact, rates per channel."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from clarion import keys
from clarion.domain.outcomes import Outcome, Retry
from clarion.domain.rates import RateRules, rules_of
from clarion.domain.run import Batch, Run
from clarion.domain.sending_rules import FrequencyCap, SendingRules

LONGEST_NAP_S = 3.0
"""Seconds a worker waits for its turn by itself; for longer waits the batch goes back to the queue."""


class Caps(Protocol):
    def take(
        self, org: str, channel: str, messages: Mapping[str, str], caps: Sequence[FrequencyCap], now: datetime
    ) -> set[str]: ...
    def give_back(self, org: str, channel: str, messages: Mapping[str, str]) -> None: ...


class Rates(Protocol):
    def allowance(self, org: str, channel: str, rules: RateRules, now: datetime) -> int | None: ...
    def lease(self, org: str, channel: str, messages: int, rules: RateRules, now: datetime) -> float: ...
    def wait(self, org: str, channel: str, rules: RateRules, now: datetime) -> float: ...
    def throttled(self, org: str, channel: str, after_seconds: float | None, now: datetime) -> None: ...
    def give_back(self, org: str, channel: str, messages: int, now: datetime) -> None: ...


class Allowances:
    """``sleep`` takes seconds."""

    def __init__(self, caps: Caps, rates: Rates, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._caps, self._rates, self._clock, self._sleep = caps, rates, clock, sleep

    def within_caps(
        self, run: Run, batch: Batch, indexes: Sequence[int], rules: SendingRules, now: datetime
    ) -> set[int]:
        """Those recipients who may have one more message; their places are taken."""
        caps = _caps(run, rules)
        if not caps or not indexes:
            return set(indexes)
        messages = _messages(run, batch, indexes)
        allowed = self._caps.take(run.id.org, run.channel, messages, caps, now)
        return {i for i in indexes if batch.contacts[i] in allowed}

    def give_back(self, run: Run, batch: Batch, indexes: Sequence[int], rules: SendingRules) -> None:
        """The places of recipients who got nothing after all."""
        if indexes and _caps(run, rules):
            self._caps.give_back(run.id.org, run.channel, _messages(run, batch, indexes))

    def wait(self, run: Run, rules: SendingRules) -> float:
        """Seconds until it is worth preparing messages of the run's channel; 0.0 where a nap is enough."""
        now = self._clock()
        wait = self._rates.wait(run.id.org, run.channel, rules_of(rules, run.channel, _day(now)), now)
        return wait if wait > LONGEST_NAP_S else 0.0

    def lease(self, run: Run, messages: int, rules: SendingRules, most_ms: float) -> tuple[int, float]:
        """How many of ``messages`` may be sent now; or 0 and the seconds until it is worth asking again.

        A short wait for the channel's rate is waited here.
        """
        org, channel = run.id.org, run.channel
        waited = 0.0
        while True:
            now = self._clock()
            limits = rules_of(rules, channel, _day(now))
            allowance = self._rates.allowance(org, channel, limits, now)
            number = messages if allowance is None else max(1, min(messages, allowance))
            wait = self._rates.lease(org, channel, number, limits, now)
            if not wait:
                return number, 0.0
            if waited + wait > min(LONGEST_NAP_S, most_ms / 1000):
                left = self._rates.allowance(org, channel, limits, now)
                if left and left < number:  # somebody else took part of the day's allowance in between
                    continue
                return 0, wait
            self._sleep(wait)
            waited += wait

    def record(self, run: Run, outcomes: Sequence[Outcome], rules: SendingRules, leased_at: datetime) -> None:
        """Slow everybody down where the vendor said so; what did not leave uses up no allowance of the lease's day."""
        throttled = [outcome for outcome in outcomes if isinstance(outcome, Retry) and outcome.throttled]
        if throttled:
            asked = [outcome.after_seconds for outcome in throttled if outcome.after_seconds is not None]
            self._rates.throttled(run.id.org, run.channel, max(asked, default=None), self._clock())
        unsent = sum(isinstance(outcome, Retry) for outcome in outcomes)
        if unsent and rules_of(rules, run.channel, _day(leased_at)).daily is not None:
            self._rates.give_back(run.id.org, run.channel, unsent, leased_at)


def _caps(run: Run, rules: SendingRules) -> list[FrequencyCap]:
    if run.plan.ignore_frequency_caps:
        return []
    return [cap for cap in rules.frequency_caps if cap.channel == run.channel]


def _messages(run: Run, batch: Batch, indexes: Sequence[int]) -> dict[str, str]:
    sk = keys.message_sk(run.id.campaign, run.id.run, run.step(batch.id).id, run.channel)
    return {batch.contacts[i]: sk for i in indexes}


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
