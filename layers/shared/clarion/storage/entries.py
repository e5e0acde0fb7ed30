"""Who entered which journey.

place     pk ``ORG#<org>#CONTACT#<contact>``  sk ``ENTRY#<campaign>#<key>``  e.g. ``… / ENTRY#01J9…#0001``
entrance  pk ``ORG#<org>#ENTRANCES``          sk ``CAMPAIGN#<campaign>``     its ``run``

storage/batches.py writes the places, with the batches they belong to; storage/runs.py the entrances.
"""

from collections.abc import Sequence

from clarion import keys
from clarion.clock import moment
from clarion.domain.entry import Place
from clarion.domain.run import RunId
from clarion.storage.table import Item, Table


class EntryTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def taken(self, run_id: RunId, contact_ids: Sequence[str], key: str) -> set[str]:
        """Those of the contacts that have that place in the journey already."""
        return set(self.held(run_id, contact_ids, key))

    def held(self, run_id: RunId, contact_ids: Sequence[str], key: str) -> dict[str, Place]:
        """That place of each contact that has it, by the contact's id."""
        asked = [keys.entry(run_id.org, contact, run_id.campaign, key) for contact in dict.fromkeys(contact_ids)]
        return {item["pk"].rpartition("#")[2]: _place(item) for item in self._table.batch_get(asked)}

    def entrances(self, org_id: str) -> list[RunId]:
        """The journeys that an organisation's contacts may enter now, each by its first run: one Query."""
        items = self._table.query_all(keys.entrances_pk(org_id), "CAMPAIGN#")
        return [RunId(org_id, item["sk"].partition("#")[2], int(item["run"])) for item in items]

    def places(self, org_id: str, campaign_id: str, contact_id: str) -> list[Place]:
        """A contact's places in a journey, in the order of their keys: one Query."""
        below = keys.entry(org_id, contact_id, campaign_id, "")
        return [_place(item) for item in self._table.query_all(below["pk"], below["sk"])]


def _place(item: Item) -> Place:
    return Place(
        key=item["sk"].split("#", 2)[2],
        run=int(item["run"]),
        batch=item["batch"],
        entered_at=moment(item["entered_at"]),
        ended_at=moment(item["ended_at"]) if item.get("ended_at") else None,
        outcome=item.get("outcome", ""),
    )
