"""How fast a channel may be sent through: the organisation's limit, a ramp-up's allowance, the vendor's throttling.

The pace is a generic cell rate algorithm: each lease moves the time at which everything leased is worked off (the
theoretical arrival time) on by messages ÷ rate. While that lies no more than half a second ahead, the next lease is
granted, however large: the debt of a call of 50 at 14 a second is then waited off by whoever comes next, and large
calls are not starved by small ones. So within any stretch of time there are at most rate × (its length + ½ s)
messages and those of one call.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from clarion.domain.sending_rules import SendingRules

SLACK = timedelta(seconds=0.5)
SLOWEST = 1.0  # messages a second that throttling alone leaves
ASSUMED = 100.0  # messages a second that were too many, where nobody counted them
_RECOVERY_STEP, _RECOVERY = timedelta(seconds=10), 1.1
_RECOVERY_STEPS = 100  # 1.1 ** 100 > 13,000: more than from the slowest rate to the highest limit
_FORGOTTEN_AFTER = timedelta(minutes=10)
_REPEAT_WITHIN = timedelta(minutes=1)
_SHORTEST_BLOCK, _LONGEST_BACK_OFF, _LONGEST_BLOCK = 1.0, 60.0, 86_400.0  # seconds
_LONGEST_COST = 365 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class RateRules:
    """``per_second`` messages a second, and ``daily`` messages on this day of a ramp-up; None is no limit."""

    per_second: float | None
    daily: int | None


def rules_of(sending: SendingRules, channel: str, today: date) -> RateRules:
    """The organisation's limit of the channel, and its ramp-up's allowance of ``today`` (UTC)."""
    per_second = next((limit.per_second for limit in sending.rate_limits if limit.channel == channel), None)
    daily = None
    for ramp_up in sending.ramp_ups:
        day = (today - ramp_up.starts_on).days
        if ramp_up.channel == channel and 0 <= day < len(ramp_up.daily):
            daily = ramp_up.daily[day]
    return RateRules(per_second, daily)


@dataclass(frozen=True, slots=True)
class Throttling:
    """The vendor said *too fast*: nobody sends before ``blocked_until``, then at ``to`` messages a second.

    ``repeats`` is how many others went before it, each within a minute of the end of the one before.
    """

    to: float
    blocked_until: datetime
    repeats: int

    def rate(self, now: datetime) -> float:
        """``to``, and 10 % more for every 10 s since sending may go on."""
        steps = max(0, (now - self.blocked_until) // _RECOVERY_STEP)
        return float(self.to * _RECOVERY ** min(steps, _RECOVERY_STEPS))

    def forgotten(self, now: datetime) -> bool:
        """Whether it is too old to tell what the vendor takes now."""
        return now - self.blocked_until >= _FORGOTTEN_AFTER


def rate_now(limit: float | None, last: Throttling | None, now: datetime) -> float | None:
    """Messages a second that may be sent after the ``last`` throttling; None is no limit."""
    if last is None:
        return limit
    if limit is None:
        return None if last.forgotten(now) else last.rate(now)
    return min(limit, last.rate(now))


def throttled(
    last: Throttling | None, observed: float | None, after_seconds: float | None, now: datetime
) -> Throttling:
    """What the vendor's refusal leads to; ``last`` itself when nothing changes.

    ``observed`` is the rate messages went at, None when unknown; ``after_seconds`` the vendor's Retry-After (a day at
    most). Refusals of calls that were under way when an earlier one came count as that one.
    """
    if last and now < last.blocked_until:
        asked = now + timedelta(seconds=_block_seconds(after_seconds, 0))
        return replace(last, blocked_until=asked) if asked > last.blocked_until and after_seconds else last
    repeats = last.repeats + 1 if last and now - last.blocked_until <= _REPEAT_WITHIN else 0
    if observed is None:
        observed = last.rate(now) if last and not last.forgotten(now) else ASSUMED
    blocked_until = now + timedelta(seconds=_block_seconds(after_seconds, repeats))
    return Throttling(max(SLOWEST, observed / 2), blocked_until, repeats)


def _block_seconds(after_seconds: float | None, repeats: int) -> float:
    if after_seconds is None:
        return min(_LONGEST_BACK_OFF, _SHORTEST_BLOCK * 2.0 ** min(repeats, 10))
    return min(max(after_seconds, _SHORTEST_BLOCK), _LONGEST_BLOCK)


def wait(worked_off_at: datetime | None, last: Throttling | None, now: datetime) -> timedelta:
    """How long until a lease may be granted; zero is now."""
    until = [now]
    until += [worked_off_at - SLACK] if worked_off_at else []
    until += [last.blocked_until] if last else []
    return max(until) - now


def cost(messages: int, per_second: float) -> timedelta:
    """How long it takes to work ``messages`` off, in whole microseconds, never less."""
    return timedelta(microseconds=ceil(min(messages / per_second, _LONGEST_COST) * 1_000_000))
