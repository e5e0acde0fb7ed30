"""Identifiers given out for a request that may be repeated.

pk ``IDEMPOTENCY#<org>``   sk ``ID#<hash of user, key and request>``; kept a little longer than the kept answers.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from clarion import keys
from clarion.storage.table import ConditionFailed, Table

KEPT = timedelta(hours=25)


class IssuedIds:
    def __init__(self, table: Table, clock: Callable[[], datetime]) -> None:
        self._table, self._clock = table, clock

    def remember(self, org_id: str, request: str, fresh: str) -> str:
        """``fresh`` for the first request of that name, and the same one for its repetitions."""
        key = keys.issued_id(org_id, request)
        try:
            expires_at = int((self._clock() + KEPT).timestamp())
            self._table.put({**key, "id": fresh, "expires_at": expires_at}, if_absent=True)
        except ConditionFailed:
            known = self._table.get(key)
            return str(known["id"]) if known else fresh
        return fresh
