"""Counters, as reports read them.

pk ``ORG#<org>#CAMPAIGN#<campaign>``  sk ``STAT#DAY#<date>#<suffix>``  e.g. ``… / STAT#DAY#2026-11-21#2``
                                      sk ``STAT#LINK#<run>#<step>#<link>#<suffix>``
                                      sk ``LINKS#<run>#<step>``        its ``urls``
"""

from collections.abc import Iterator

from clarion import keys
from clarion.domain.analytics import CounterRow
from clarion.domain.engagement import CampaignDay, CampaignLink
from clarion.storage.table import Item, Table


class CounterTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def campaign(self, org_id: str, campaign_id: str) -> Iterator[CounterRow]:
        """Every counter row of a campaign, from one Query (a page per MB)."""
        for item in self._table.query_all(keys.campaign_pk(org_id, campaign_id), "STAT#"):
            yield _row(org_id, campaign_id, item)

    def days(self, org_id: str, campaign_id: str, since: str) -> Iterator[CounterRow]:
        """The rows of its days from the UTC day ``since`` (``2026-11-21``) on, likewise; no other row is read."""
        first = keys.day_counters(org_id, campaign_id, since, 0)
        for item in self._table.query_between(first["pk"], first["sk"], "STAT#DAY#~"):
            yield _row(org_id, campaign_id, item)

    def link_tables(self, org_id: str, campaign_id: str) -> dict[tuple[int, str], list[str]]:
        """The destinations of each run's step, by link number."""
        tables = {}
        for item in self._table.query_all(keys.campaign_pk(org_id, campaign_id), "LINKS#"):
            _, run, step = item["sk"].split("#")
            tables[int(run), step] = list(item["urls"])
        return tables


def _row(org_id: str, campaign_id: str, item: Item) -> CounterRow:
    _, kind, *rest = item.pop("sk").split("#")
    del item["pk"]
    if kind == "LINK":
        run, step, link, _ = rest
        return CampaignLink(org_id, campaign_id, int(run), step, int(link)), item
    return CampaignDay(org_id, campaign_id, rest[0]), item
