"""What vendors' signatures were used for, where they do not cover the request they come with.

pk ``ORG#<org>#WEBHOOK#<platform>#<token>``  sk ``TOKEN``  e.g. ``ORG#acme#WEBHOOK#mailgun#9f86d081… / TOKEN``

A partition for each, since a vendor makes one for each event. ``digest`` is that of the request; TTL ``expires_at``.
"""

from datetime import datetime

from clarion import keys
from clarion.storage.table import ConditionFailed, Table


class WebhookTokenTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, org_id: str, platform: str, token: str, digest: str, until: datetime) -> bool:
        """Use a token for the request of that digest; whether it may. The same request may use it again."""
        key = keys.webhook_token(org_id, platform, token)
        row = {**key, "digest": digest, "expires_at": int(until.timestamp())}
        try:
            self._table.put(row, if_absent=True)
        except ConditionFailed:
            taken = self._table.get(key)
            return taken is None or taken["digest"] == digest  # None: expired this moment
        return True
