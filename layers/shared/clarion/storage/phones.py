"""What is known of phone numbers: which of our messages went there last, and whether messages are wanted there.

pk ``ORG#<org>#PHONE#<number>``  sk ``LAST_MESSAGE``  e.g. ``ORG#acme#PHONE#+493090182080 / LAST_MESSAGE``
                                 sk ``WISH``

``LAST_MESSAGE``: ``contact`` ``campaign`` ``run`` ``step`` ``channel`` ``at`` ``expires_at``. ``WISH``: ``wish`` (an
Intent), ``at`` ``expires_at``. Of two writes the one with the later ``at`` stays, in whatever order they come.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.engagement import RETENTION, MessageRef
from clarion.domain.inbound_text import Intent
from clarion.storage.table import ConditionFailed, Table


class PhoneTable:
    """``parallel`` writes are under way at once."""

    def __init__(self, table: Table, parallel: int = 1) -> None:
        self._table, self._parallel = table, parallel

    def remember(self, messages: Mapping[str, MessageRef], at: datetime) -> None:
        """Which message goes to each number (E.164) at that time; all of them are of one organisation or several."""
        with ThreadPoolExecutor(self._parallel) as threads:
            list(threads.map(lambda phone: self._remember(phone, messages[phone], at), messages))

    def last_message(self, org_id: str, phone: str) -> MessageRef | None:
        """None where nothing was sent to that number."""
        item = self._table.get(keys.last_message(org_id, phone))
        if item is None:
            return None
        return MessageRef(org_id, item["contact"], item["campaign"], int(item["run"]), item["step"], item["channel"])

    def wish(self, org_id: str, phone: str, wish: Intent, at: datetime) -> bool:
        """Keep what a number asked for; False where it asked for something later than that."""
        return self._newest(keys.wish(org_id, phone), {"wish": wish.value}, at)

    def _remember(self, phone: str, message: MessageRef, at: datetime) -> None:
        said = {name: getattr(message, name) for name in MessageRef._fields if name != "org"}
        self._newest(keys.last_message(message.org, phone), said, at)

    def _newest(self, key: keys.Key, said: Mapping[str, Any], at: datetime) -> bool:
        """Whether it was written; not where something later is there."""
        try:
            self._table.update(
                key,
                set={**said, "at": stamp(at), "expires_at": int((at + RETENTION).timestamp())},
                condition="attribute_not_exists(#at) OR #at <= :now",
                names={"#at": "at"},
                values={":now": stamp(at)},
            )
        except ConditionFailed:
            return False
        return True
