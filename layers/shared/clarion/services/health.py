"""Whether campaigns go out and are counted: one report, gathered from signs of life that cost next to nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from clarion.domain.health import Counted, Depth, Health, Observed, Overdue, assess


class Signs(Protocol):
    """What workers left in the table."""

    def last_tick(self) -> datetime | None: ...
    def overdue(self, now: datetime) -> Overdue: ...
    def last_sent(self, org_id: str) -> Mapping[str, datetime]: ...
    def counted(self) -> Counted | None: ...


class Depths(Protocol):
    """Queues by name; None for one that did not answer."""

    def read(self) -> Mapping[str, Depth | None]: ...


class Ages(Protocol):
    """What only the vendor's metrics know, in seconds; whatever is unknown is absent or None. Never raises."""

    def read(self, queues: Iterable[str]) -> tuple[Mapping[str, int], int | None]:
        """Age of the oldest message of each of these queues, and of the oldest event that waits to be counted."""


class HealthService:
    """``development`` are the channels by which the deployment reaches nobody."""

    def __init__(
        self,
        signs: Signs,
        queues: Depths,
        dead_letters: Depths,
        ages: Ages,
        development: frozenset[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._signs, self._queues, self._dead_letters = signs, queues, dead_letters
        self._ages, self._development, self._clock = ages, development, clock

    def check(self, org_id: str) -> Health:
        """The state of the deployment, and the organisation's last message by each channel."""
        now = self._clock()
        queues = self._queues.read()
        # An empty queue has no oldest message, and a metric has its price.
        oldest, uncounted = self._ages.read([name for name, depth in queues.items() if depth and depth.total])
        seen = Observed(
            last_tick_at=self._signs.last_tick(),
            overdue=self._signs.overdue(now),
            queues=queues,
            oldest=oldest,
            dead_letters=self._dead_letters.read(),
            last_sent=self._signs.last_sent(org_id),
            counted=self._signs.counted(),
            waiting_to_be_counted=uncounted,
            development=self._development,
        )
        return assess(seen, now)
