"""Reading vendors' figures of what runs published, and finding out what became of calls that nobody knows the end of.

A publication is read by whoever comes first: what it has learned is written on condition that the row is as it was
read, so that two pollers, or one that dies, count nothing twice (docs/posts.md).
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from clarion.domain.engagement import MessageRef
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop
from clarion.domain.post import Absent
from clarion.domain.publication import BETWEEN_LOOKS, LOOKS, Publication
from clarion.domain.run import FAILED, SENT, Result

SPARE_MS = 60_000
"""No further publication is read when less is left: a token may have to be renewed before the vendor is asked."""
SETTLING = timedelta(days=3)
"""How long the ledger may take to learn that a worker was lost: its batch stays open for a day where another of it is
refused. After that what was never published counts as such without it."""

_ASKED_AGAIN = timedelta(hours=1)  # after a Stop: somebody has to mend something first
_LONGEST = timedelta(days=1)

log = logging.getLogger(__name__)


class Publications(Protocol):
    def due(self, now: datetime) -> list[Publication]: ...
    def published(self, publication: Publication, vendor_id: str, at: datetime) -> Publication: ...
    def move(self, publication: Publication, moved: Publication) -> bool: ...
    def add_figures(
        self, publication: Publication, figures: Mapping[str, Decimal], next_poll: datetime | None, now: datetime
    ) -> bool: ...


class Reader(Protocol):
    """Asks the vendors of a channel; raises nothing for what they do."""

    def find(self, publication: Publication) -> Accepted | Absent | Retry | Stop:
        """Whether it is out."""

    def figures(self, publication: Publication) -> Mapping[str, Decimal] | Absent | Retry | Stop:
        """Its totals so far, by metric."""


class Ledger(Protocol):
    def settle(self, message: MessageRef, result: Result) -> bool:
        """Put ``result`` in the place of an outcome that was unknown; False where there is none (yet)."""


class PollService:
    """``readers`` by channel. ``note`` hears how an organisation's platform answered, and never raises."""

    def __init__(
        self,
        publications: Publications,
        readers: Mapping[str, Reader],
        ledger: Ledger,
        note: Callable[[str, str, Outcome], None],
        clock: Callable[[], datetime],
        workers: int = 1,
    ) -> None:
        self._publications, self._readers, self._ledger = publications, readers, ledger
        self._note, self._clock, self._workers = note, clock, workers

    def poll(self, remaining_ms: Callable[[], int]) -> dict[str, int]:
        """Read what is due, as far as time goes; how many came to what. One that fails keeps none of the others."""
        throttled = set[tuple[str, str]]()

        def one(publication: Publication) -> str:
            if remaining_ms() < SPARE_MS:
                return "left"
            try:
                return self._poll(publication, throttled)
            except Exception:
                log.exception("publication %s of %s was not read", publication.id, publication.message.org)
                return self._failed(publication)

        with ThreadPoolExecutor(self._workers) as pool:
            return dict(Counter(pool.map(one, self._publications.due(self._clock()))))

    def _poll(self, publication: Publication, throttled: set[tuple[str, str]]) -> str:
        platform = publication.message.org, publication.outlet.platform
        if platform in throttled:
            return "left"  # it stays due: others of the same platform were just asked to wait
        reader = self._readers[publication.message.channel]
        found = reader.figures(publication) if publication.published else reader.find(publication)
        now = self._clock()
        match found:
            case Retry():
                if found.throttled:
                    throttled.add(platform)
                return self._put_off(publication, timedelta(seconds=found.after_seconds or 0), now)
            case Stop():
                if found.code != "NotConnected":
                    self._note(*platform, found)
                return self._put_off(publication, _ASKED_AGAIN, now)
            case Absent():
                return self._missed(publication, now)
            case Accepted(vendor_id):
                self._note(*platform, found)
                return self._found(publication, vendor_id)
        self._note(*platform, Accepted(publication.vendor_id))
        # A worker may have died when the row was live and the ledger did not know: it is told until it does.
        self._ledger.settle(publication.message, Result(SENT, publication.vendor_id))
        kept = self._publications.add_figures(publication, found, publication.next_after(now), now)
        return "read" if kept else "overtaken"

    def _failed(self, publication: Publication) -> str:
        """Whatever cannot be read shall not stand before what can."""
        with suppress(Exception):  # it has failed already; where the table is at fault, it stays due
            self._put_off(publication, _ASKED_AGAIN, self._clock())
        return "failed"

    def _found(self, publication: Publication, vendor_id: str) -> str:
        live = self._publications.published(publication, vendor_id, publication.made_at)
        self._ledger.settle(live.message, Result(SENT, live.vendor_id))
        return "found"

    def _missed(self, publication: Publication, now: datetime) -> str:
        if publication.looks + 1 >= LOOKS and not publication.published:
            never = Result(FAILED, "it was never published: the vendor does not show it")
            # Before the row moves: whoever dies in between is followed by one who finds the same again.
            settled = self._ledger.settle(publication.message, never)
            if not settled and now < publication.made_at + SETTLING:
                return self._put_off(publication, BETWEEN_LOOKS, now)
        kept = self._publications.move(publication, publication.not_found(now))
        return "missed" if kept else "overtaken"

    def _put_off(self, publication: Publication, pause: timedelta, now: datetime) -> str:
        """At its own pace at the soonest, and not for ever."""
        following = publication.next_after(now)
        if following is not None:
            following = now + min(max(following - now, pause), _LONGEST)
        kept = self._publications.move(publication, publication.put_off(following))
        return "put off" if kept else "overtaken"
