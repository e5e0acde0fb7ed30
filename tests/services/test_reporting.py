"""A campaign's report, from its counters."""

import json
from decimal import Decimal
from typing import Any

import pytest

from clarion import keys
from clarion.schemas.analytics import CampaignReportView, money
from clarion.services.reporting import ReportingService
from clarion.storage.counters import CounterTable
from tests.fakes.table import TableInMemory


@pytest.fixture
def memory() -> TableInMemory:
    table = TableInMemory()
    for date, suffix, metrics in (
        ("2026-11-21", 0, {"email.1.sends": 60, "email.1.skipped.suppressed": 2, "email.1.bounces_hard": 3}),
        ("2026-11-21", 3, {"email.1.sends": 40, "email.1.deliveries": 90, "email.1.failed": 1, "email.1.unknown": 4,
                           "email.1.opens_human": 30, "email.1.opens_unsure": 2, "email.1.opens_machine": 50,
                           "email.1.unique_opens": 19, "email.1.revenue.USD": Decimal("11500.38")}),
        ("2026-11-22", 0, {"email.1.bounces_soft": 2, "email.1.clicks_human": 9, "email.1.clicks_machine": 7,
                           "email.1.unique_clicks": 5, "email.1.conversions": 4, "email.1.unique_conversions": 3,
                           "email.1.revenue.USD": Decimal("7.5"), "email.1.revenue.EUR": Decimal("0.125"),
                           "email.1.unsubscribes": 1, "email.1.complaints": 0}),
        ("2026-11-22", 1, {"sms.2.sends": 10, "sms.2.replies": 1}),
    ):  # fmt: skip
        table.put({**keys.day_counters("acme", "k", date, suffix), **metrics})
    table.put({**keys.link_counters("acme", "k", 1, "1", 1, 0), "clicks_human": 4, "unique_clicks": 2})
    table.put(
        {**keys.link_counters("acme", "k", 1, "1", 1, 3), "clicks_human": 5, "clicks_machine": 7, "unique_clicks": 3}
    )
    table.put({**keys.link_counters("acme", "k", 2, "1", 0, 3), "clicks_unsure": 1, "unique_clicks": 1})
    table.put({**keys.links("acme", "k", 1, "1"), "urls": ["https://a.example/", "https://b.example/"]})
    table.put({**keys.day_counters("acme", "other", "2026-11-21", 0), "email.1.sends": 1000})
    table.put({**keys.day_counters("globex", "k", "2026-11-21", 0), "email.1.sends": 1000})
    return table


@pytest.fixture
def report(memory: TableInMemory) -> dict[str, Any]:
    view = CampaignReportView.of(ReportingService(CounterTable(memory)).campaign("acme", "k"))
    parsed: dict[str, Any] = json.loads(view.model_dump_json(by_alias=True))
    return parsed


def test_the_totals_are_plain_numbers(report: dict[str, Any]) -> None:
    wanted = {
        "campaignId": "k", "sends": 110, "deliveries": 90, "opens": 32, "uniqueOpens": 19, "clicks": 9,
        "uniqueClicks": 5, "unsubscribes": 1, "bounces": {"hard": 3, "soft": 2}, "complaints": 0, "replies": 1,
        "conversions": 4, "uniqueConversions": 3, "revenue": {"EUR": "0.125", "USD": "11507.88"},
        "machine": {"opens": 50, "clicks": 7}, "unsure": {"opens": 2, "clicks": 0}, "skipped": {"suppressed": 2},
        "failed": 1, "rejected": 0, "renderFailed": 0, "unknown": 4,
    }  # fmt: skip
    assert {name: report[name] for name in wanted} == wanted


def test_what_networks_and_ad_vendors_counted_stands_beside_what_we_count(memory: TableInMemory) -> None:
    for date, metrics in (
        ("2026-11-21", {"social.1.sends": 2, "social.1.views": 900, "social.1.likes": 40}),
        ("2026-11-21", {"social.1.vendor_clicks": 30}),
        ("2026-11-22", {"social.1.likes": -1, "social.1.comments": 3, "social.1.shares": 2}),
        ("2026-11-22", {"ads.1.impressions": 5000, "ads.1.vendor_clicks": 70,
                        "ads.1.vendor_conversions": Decimal("2.5"),
                        "ads.1.spend.EUR": Decimal("12.3"), "ads.1.spend.USD": Decimal(0)}),
    ):  # fmt: skip
        row = keys.day_counters("acme", "published", date, len(metrics) % 4)
        memory.put({**(memory.get(row) or row), **metrics})
    view = CampaignReportView.of(ReportingService(CounterTable(memory)).campaign("acme", "published"))
    social, ads = view.channels["social"], view.channels["ads"]
    assert (social.views, social.likes, social.comments, social.shares, social.vendor_clicks) == (900, 39, 3, 2, 30)
    assert (ads.impressions, ads.vendor_clicks, ads.vendor_conversions, ads.spend) == (5000, 70, 2.5, {"EUR": "12.30"})
    assert (view.vendor_clicks, view.clicks, view.spend) == (100, 0, {"EUR": "12.30"})


def test_rates_are_of_what_did_not_bounce(report: dict[str, Any]) -> None:
    assert report["channels"]["email"]["rates"] == {
        "bounceRate": 0.05, "openRate": 0.2, "clickRate": 0.052632, "clickToOpenRate": 0.263158,
        "unsubscribeRate": 0.010526, "complaintRate": 0.0, "conversionRate": 0.031579,
    }  # fmt: skip


def test_channels_steps_and_days_add_up_to_the_totals(report: dict[str, Any]) -> None:
    assert set(report["channels"]) == {"email", "sms"}
    assert [(step["channel"], step["step"], step["sends"]) for step in report["steps"]] == [
        ("email", "1", 100), ("sms", "2", 10),
    ]  # fmt: skip
    assert [(day["date"], day["sends"], day["clicks"]) for day in report["days"]] == [
        ("2026-11-21", 100, 0), ("2026-11-22", 10, 9),
    ]  # fmt: skip


def test_a_step_outside_a_test_has_no_variants(report: dict[str, Any]) -> None:
    assert [step["variants"] for step in report["steps"]] == [[], []]


def test_variants_stand_by_themselves_and_add_up_to_their_step(memory: TableInMemory) -> None:
    memory.put({
        **keys.day_counters("acme", "k", "2026-11-23", 1), "email.2:b.sends": 10, "email.2:a.sends": 20,
        "email.2:a.unique_opens": 5, "email.2:winner.sends": 70, "email.2.skipped.hold_out": 8,
        "email.2:b.revenue.USD": Decimal("7.5"),
    })  # fmt: skip
    memory.put({**keys.day_counters("acme", "k", "2026-11-24", 2), "email.2:b.sends": 2, "email.2:b.unique_opens": 6})
    view = CampaignReportView.of(ReportingService(CounterTable(memory)).campaign("acme", "k"))
    step = next(step for step in view.steps if step.step == "2" and step.channel == "email")
    assert [(each.variant, each.sends, each.unique_opens, each.rates.open_rate) for each in step.variants] == [
        ("a", 20, 5, 0.25), ("b", 12, 6, 0.5), ("winner", 70, 0, 0.0),
    ]  # fmt: skip
    assert step.variants[1].revenue == {"USD": "7.50"}
    assert (step.sends, step.unique_opens, step.skipped) == (102, 11, {"hold_out": 8})
    assert (view.sends, view.channels["email"].sends, view.days[-1].sends) == (212, 202, 2)


def test_every_link_is_listed_clicked_or_not(report: dict[str, Any]) -> None:
    names = ["run", "step", "link", "url", "clicks", "uniqueClicks", "machineClicks"]
    assert report["links"] == [
        dict(zip(names, values, strict=True))
        for values in (
            (1, "1", 0, "https://a.example/", 0, 0, 0),
            (1, "1", 1, "https://b.example/", 9, 5, 7),
            (2, "1", 0, None, 1, 1, 0),
        )
    ]


def test_a_campaign_that_never_ran_shows_zeros_and_no_rates() -> None:
    view = CampaignReportView.of(ReportingService(CounterTable(TableInMemory())).campaign("acme", "new"))
    assert (view.sends, view.revenue, view.channels, view.days, view.links) == (0, {}, {}, [], [])
    assert set(view.rates.model_dump().values()) == {None}


def test_counters_take_one_query_however_many_pages(memory: TableInMemory, report: dict[str, Any]) -> None:
    paged = TableInMemory(page=2)
    paged.items = memory.items
    again = CampaignReportView.of(ReportingService(CounterTable(paged)).campaign("acme", "k"))
    assert json.loads(again.model_dump_json(by_alias=True)) == report


@pytest.mark.parametrize(("amount", "text"), [
    ("0", "0.00"), ("20", "20.00"), ("1E+3", "1000.00"), ("7.5", "7.50"), ("0.1250", "0.125"), ("0.0001", "0.0001"),
])  # fmt: skip
def test_money_has_at_least_two_places_and_loses_none(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text
