"""What is known of phone numbers: which of our messages went there last.

pk ``ORG#<org>#PHONE#<number>``  sk ``LAST_MESSAGE``  e.g. ``ORG#acme#PHONE#+493090182080 / LAST_MESSAGE``

``contact`` ``campaign`` ``run`` ``step`` ``channel`` ``at`` ``expires_at``. Of two writes the one with the later ``at``
stays, in whatever order they come.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from clarion import keys
from clarion.clock import stamp
from clarion.domain.engagement import RETENTION, MessageRef
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

    def _remember(self, phone: str, message: MessageRef, at: datetime) -> None:
        said = {name: getattr(message, name) for name in MessageRef._fields if name != "org"}
        try:
            self._table.update(
                keys.last_message(message.org, phone),
                set={**said, "at": stamp(at), "expires_at": int((at + RETENTION).timestamp())},
                condition="attribute_not_exists(#at) OR #at <= :now",
                names={"#at": "at"},
                values={":now": stamp(at)},
            )
        except ConditionFailed:
            return  # a later one went there meanwhile
