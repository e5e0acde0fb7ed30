"""When a vendor first told something, for vendors that tell the same again and no time of it.

pk ``ORG#<org>#TOLD#<id>``  sk ``TOLD``  e.g. ``ORG#acme#TOLD#01JA… / TOLD``, the id made of the vendor's own

``at``, ``done`` once it was seen through, ``expires_at``.
"""

from datetime import datetime, timedelta

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.ids import derived_id
from clarion.storage.table import ConditionFailed, Item, Table

KEPT_FOR = timedelta(days=30)
"""Longer than any vendor goes on telling: Amazon SNS ends after 23 days, all others earlier."""


class TellingTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, org_id: str, source: str, vendor_id: str, at: datetime) -> tuple[datetime, bool]:
        """When it was told first, to the millisecond: at ``at`` unless before; and whether it was seen through."""
        key = keys.telling(org_id, derived_id(source, vendor_id))
        told: Item = {**key, "at": stamp(at), "expires_at": int((at + KEPT_FOR).timestamp())}
        try:
            self._table.put(told, if_absent=True)
        except ConditionFailed:
            told = self._table.get(key) or told  # it may have expired in between
        return moment(told["at"]), bool(told.get("done"))

    def finish(self, org_id: str, source: str, vendor_id: str) -> None:
        """It was seen through: told again, it means nothing."""
        key = keys.telling(org_id, derived_id(source, vendor_id))
        try:
            self._table.update(key, set={"done": True}, condition="attribute_exists(pk)")
        except ConditionFailed:
            return  # it has expired
