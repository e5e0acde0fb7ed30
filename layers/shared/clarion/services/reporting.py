"""Reports: what the counters say about a campaign."""

from collections.abc import Iterable
from typing import Protocol

from clarion.domain.analytics import CampaignReport, CounterRow, LinkTables, campaign_report


class CounterStore(Protocol):
    def campaign(self, org_id: str, campaign_id: str) -> Iterable[CounterRow]: ...
    def link_tables(self, org_id: str, campaign_id: str) -> LinkTables: ...


class ReportingService:
    """Reads counters; whether the campaign exists is for the caller to know."""

    def __init__(self, store: CounterStore) -> None:
        self._store = store

    def campaign(self, org_id: str, campaign_id: str) -> CampaignReport:
        """Everything counted so far: nothing but zeros for a campaign that was never launched."""
        rows = self._store.campaign(org_id, campaign_id)
        return campaign_report(campaign_id, rows, self._store.link_tables(org_id, campaign_id))
