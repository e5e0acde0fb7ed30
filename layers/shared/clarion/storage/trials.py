"""How many test messages an organisation sent on a day.

pk ``ORG#<org>#STATS``   sk ``TRIALS#<date>``   e.g. ``ORG#acme#STATS / TRIALS#2026-11-21``; ``taken`` is their number
"""

from datetime import datetime, timedelta

from clarion import keys
from clarion.clock import stamp
from clarion.domain.errors import TooMany
from clarion.domain.trial import MOST_A_DAY
from clarion.storage.table import ConditionFailed, Table

_KEPT = timedelta(days=2)


class TrialTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, org_id: str, messages: int, now: datetime) -> None:
        """Count test messages of the day (UTC); raises TooMany where they would be too many, counting none."""
        try:
            self._table.update(
                keys.trials(org_id, stamp(now)[:10]),
                add={"taken": messages},
                set={"expires_at": int((now + _KEPT).timestamp())},
                condition="attribute_not_exists(taken) OR taken <= :room",
                values={":room": MOST_A_DAY - messages},
            )
        except ConditionFailed:
            raise TooMany(f"an organisation may send {MOST_A_DAY} test messages a day (UTC)") from None
