"""Whether a contact may get one more message of a channel, by the places that recent messages hold.

A place is held from the moment it is taken. A cap of five a week lets a sixth message through once the oldest of the
five was taken a week ago: in no stretch of a week are there six, wherever it begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clarion.domain.sending_rules import FrequencyCap

_TICK = timedelta(milliseconds=1)


def caps_of(channel: str, caps: Sequence[FrequencyCap]) -> tuple[FrequencyCap, ...]:
    """Those of the caps that speak of ``channel``."""
    return tuple(cap for cap in caps if cap.channel == channel)


def longest_period(caps: Sequence[FrequencyCap]) -> timedelta:
    """How long a place counts for one of the caps (at least one)."""
    return max(cap.per for cap in caps)


@dataclass(frozen=True, slots=True)
class RecentSends:
    """Places of one contact and channel: ``taken`` maps a message's reference to when it took its place.

    ``newest`` is when the last place was taken, whether it is still held or was given back; None before the first.
    """

    taken: Mapping[str, datetime]
    newest: datetime | None

    def next_at(self, now: datetime) -> datetime:
        """When a place taken now counts as taken: in whole milliseconds, and later than every place before it.

        Workers' clocks differ. Were a place dated before one that is there, others could have been let go of already
        that its window still holds.
        """
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return at if self.newest is None else max(at, self.newest + _TICK)

    def outlived(self, caps: Sequence[FrequencyCap], now: datetime) -> list[str]:
        """Messages whose places no cap counts any more."""
        at, longest = self.next_at(now), longest_period(caps)
        return [message for message, when in self.taken.items() if at - when >= longest]

    def holds(self, message: str, caps: Sequence[FrequencyCap], now: datetime) -> bool:
        """Whether the message has a place that counts for one of the caps."""
        when = self.taken.get(message)
        return when is not None and self.next_at(now) - when < longest_period(caps)

    def has_room(self, caps: Sequence[FrequencyCap], now: datetime) -> bool:
        """Whether one more message breaks none of the caps."""
        at = self.next_at(now)
        return all(sum(at - when < cap.per for when in self.taken.values()) < cap.most for cap in caps)
