"""Counters by day."""

from decimal import Decimal

from clarion import keys
from clarion.domain.engagement import CampaignDay
from clarion.storage.counters import CounterTable
from clarion.storage.table import Table


def test_days_are_read_from_a_date_on_and_nothing_else(table: Table) -> None:
    for date in ("2026-11-20", "2026-11-21", "2026-12-01", "2027-01-01"):
        for suffix in (0, 3):
            table.put({**keys.day_counters("acme", "k", date, suffix), "email.1.sends": suffix})
    table.put({**keys.link_counters("acme", "k", 1, "1", 0, 0), "clicks_human": 1})
    table.put({**keys.day_counters("acme", "other", "2026-11-21", 0), "email.1.sends": 1})
    table.put({**keys.day_counters("globex", "k", "2026-11-21", 0), "email.1.sends": 1})
    assert list(CounterTable(table).days("acme", "k", "2026-11-21")) == [
        (CampaignDay("acme", "k", date), {"email.1.sends": Decimal(suffix)})
        for date in ("2026-11-21", "2026-12-01", "2027-01-01")
        for suffix in (0, 3)
    ]


def test_a_campaign_that_counted_nothing_has_no_days(table: Table) -> None:
    assert list(CounterTable(table).days("acme", "k", "2026-11-21")) == []
