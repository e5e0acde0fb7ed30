"""What a contact was sent and did.

message  pk ``ORG#<org>#CONTACT#<contact>``              sk ``MSG#<campaign>#<run>#<step>#<channel>``
event    pk ``ORG#<org>#CONTACT#<contact>``              sk ``EVENT#<time>#<id>``
batch    pk ``ORG#<org>#CAMPAIGN#<campaign>#RUN#<run>``  sk ``BATCH#<shard>#<sequence>#<step>``
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from clarion import keys
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.progress import Reply, SentMessage
from clarion.domain.run import Batch, RunId
from clarion.storage.engagement import message_ref, state_from_item
from clarion.storage.run_rows import batch_id_of, batch_of
from clarion.storage.table import Table

_PAGE = 200  # events read at a time, newest first


class TimelineTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def messages(self, org_id: str, contact_id: str, campaign_id: str | None = None) -> list[SentMessage]:
        """A contact's messages, of one campaign where it is named."""
        prefix = f"MSG#{campaign_id}#" if campaign_id else "MSG#"
        return [
            SentMessage(
                message_ref(item["pk"], item["sk"]), item.get("batch", ""), item["claimed_at"], state_from_item(item)
            )
            for item in self._table.query_all(keys.person_pk(org_id, contact_id), prefix)
        ]

    def replies(self, org_id: str, contact_id: str, since: str, most: int) -> Mapping[MessageRef, Sequence[Reply]]:
        """What a contact answered from ``since`` (a stamp) on, by message; of each message the first ``most``."""
        pk, found = keys.person_pk(org_id, contact_id), defaultdict[MessageRef, list[Reply]](list)
        for item in self._table.query_between(pk, f"EVENT#{since}", "EVENT#~"):
            if item["kind"] == Kind.REPLY:
                told = found[message_ref(pk, item["msg"])]
                told += [Reply(item["at"], item.get("text", ""))][: most - len(told)]
        return found

    def purchases(self, org_id: str, contact_id: str, most: int) -> int:
        """How many conversions of a contact are kept, newest first; counting stops at ``most``."""
        pk, found, after = keys.person_pk(org_id, contact_id), 0, None
        while found < most:
            items, after = self._table.query(pk, "EVENT#", after=after, limit=_PAGE, newest_first=True)
            found += sum(item["kind"] == Kind.CONVERSION for item in items)
            if after is None:
                break
        return min(found, most)

    def cohort(self, run_id: RunId, reference: str) -> list[Batch]:
        """The batches that the contacts of a batch (``07#000012#00``) came to, step by step."""
        below = f"BATCH#{reference.rpartition('#')[0]}#"
        items = self._table.query_all(keys.run_pk(run_id.org, run_id.campaign, run_id.run), below)
        return [batch_of(batch_id_of(run_id, item["sk"]), item) for item in items]
