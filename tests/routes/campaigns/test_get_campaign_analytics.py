"""GET /crm/marketing/campaigns/{campaign_id}/analytics"""

from typing import Any

import pytest

from clarion import keys
from clarion.storage.table import Table
from tests.routes.conftest import ACME, GLOBEX, STRANGER, VIEWER


@pytest.fixture
def campaign(call: Any, ready: Any) -> str:
    return str(call("campaigns", "create_campaign", body=ready.campaign()).json["id"])


def analytics(call: Any, campaign_id: str, **how: Any) -> Any:
    return call("campaigns", "get_campaign_analytics", path={"campaign_id": campaign_id}, **how)


def test_a_campaign_that_never_ran_reports_zeros(call: Any, campaign: str) -> None:
    report = analytics(call, campaign, user=VIEWER)
    assert report.status == 200
    assert (report.json["sends"], report.json["revenue"], report.json["days"]) == (0, {}, [])


def test_counters_of_all_suffixes_add_up(call: Any, campaign: str, table: Table) -> None:
    for suffix in range(keys.COUNTER_SUFFIXES):
        row = keys.day_counters(ACME, campaign, "2026-11-21", suffix)
        table.put({**row, "email.1.sends": 10, "email.1.opens_human": suffix, "email.1.opens_machine": 1})
    report = analytics(call, campaign).json
    assert (report["sends"], report["opens"], report["machine"]["opens"]) == (40, 6, 4)
    assert [day["sends"] for day in report["days"]] == [40]
    assert report["channels"]["email"]["sends"] == 40


def test_a_deleted_campaign_keeps_its_report(call: Any, campaign: str) -> None:
    call("campaigns", "delete_campaign", path={"campaign_id": campaign})
    assert analytics(call, campaign).status == 200


def test_another_organisation_sees_no_report(call: Any, campaign: str) -> None:
    assert analytics(call, campaign, user=STRANGER, org=GLOBEX).status == 404
    assert analytics(call, "01J00000000000000000000000").status == 404
