"""Signs of life, written now and then by the workers that do the work, and read by the health report.

pk ``SCHEDULER``       sk ``HEARTBEAT``              when the scheduler last ran (storage/due.py writes it)
pk ``SCHEDULER``       sk ``COUNTED``                the newest event counted, and when it was counted
pk ``ORG#<org>#STATS`` sk ``LAST_SENT#<channel>``    an organisation's last message by a channel
"""

import logging
from datetime import datetime, timedelta

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.health import Counted, Overdue
from clarion.storage.table import Item, Table

SENT_EVERY = timedelta(seconds=15)
COUNTED_EVERY = timedelta(seconds=10)
MOST_COUNTED = 1_000  # entries of each shard of the due index

log = logging.getLogger(__name__)
_LAST_SENT = "LAST_SENT#"


class SignsOfLife:
    """What a warm worker leaves, at most one sign of a kind in its interval. Best effort: it never raises, since work
    that was done must not fail for want of a sign."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._left: dict[tuple[str, ...], datetime] = {}

    def sent(self, org_id: str, channel: str, now: datetime) -> None:
        """A message of the organisation was accepted by the channel's vendor."""
        self._leave({**keys.last_sent(org_id, channel), "at": stamp(now)}, now, SENT_EVERY)

    def counted(self, newest_event_at: datetime, now: datetime) -> None:
        """Events were counted, the newest of which arrived at ``newest_event_at``."""
        sign = {**keys.counted(), "event_at": stamp(newest_event_at), "at": stamp(now)}
        self._leave(sign, now, COUNTED_EVERY)

    def _leave(self, sign: Item, now: datetime, every: timedelta) -> None:
        kind = (sign["pk"], sign["sk"])
        if kind in self._left and now - self._left[kind] < every:
            return
        # Noted before it is written: a table that refuses writes is not asked again at once.
        recent = {each: at for each, at in self._left.items() if now - at < SENT_EVERY}
        self._left = {**recent, kind: now}
        try:
            self._table.put(sign)
        except Exception:
            log.warning("a sign of life was not written: %s / %s", *kind, exc_info=True)


class HealthTable:
    """Reads the signs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def last_tick(self) -> datetime | None:
        """When the scheduler last ran."""
        row = self._table.get(keys.heartbeat())
        return moment(row["at"]) if row else None

    def overdue(self, now: datetime) -> Overdue:
        """Entries of the due index whose time has passed, at most 1,000 counted in each shard."""
        found = [self._table.query_due(f"DUE#{n}", stamp(now), limit=MOST_COUNTED) for n in range(keys.DUE_SHARDS)]
        oldest = min((entries[0]["due_sk"] for entries in found if entries), default=None)
        return Overdue(
            items=sum(map(len, found)),
            at_least=any(len(entries) == MOST_COUNTED for entries in found),
            since=moment(oldest.split("#")[0]) if oldest else None,
        )

    def last_sent(self, org_id: str) -> dict[str, datetime]:
        """The organisation's last message by channel."""
        rows = self._table.query_all(keys.organisation_stats_pk(org_id), _LAST_SENT)
        return {row["sk"].removeprefix(_LAST_SENT): moment(row["at"]) for row in rows}

    def counted(self) -> Counted | None:
        """The newest event counted, by the worker that last told."""
        row = self._table.get(keys.counted())
        return Counted(moment(row["event_at"]), moment(row["at"])) if row else None
