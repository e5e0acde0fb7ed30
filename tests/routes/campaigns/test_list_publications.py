"""GET /crm/marketing/campaigns/{campaign_id}/publications"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication
from clarion.storage.publications import PublicationTable
from clarion.storage.table import Table
from tests.routes.conftest import ACME, GLOBEX, STRANGER, VIEWER

MADE_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PAGE, ACCOUNT = Outlet(platform="facebook", profile="1234", name="Shop"), Outlet(platform="meta-ads", profile="act_77")


@pytest.fixture
def campaign(call: Any, ready: Any) -> str:
    return str(call("campaigns", "create_campaign", body=ready.campaign()).json["id"])


@pytest.fixture
def store(table: Table) -> PublicationTable:
    return PublicationTable(table)


def begin(store: PublicationTable, campaign: str, outlet: Outlet = PAGE, run: int = 1) -> Publication:
    channel = "ads" if outlet is ACCOUNT else "social"
    message = MessageRef(ACME, outlet.id, campaign, run, "1", channel)
    begun = Publication(message=message, outlet=outlet, made_at=MADE_AT, text="Hello")
    assert store.begin(begun) is None
    return begun


def publications(call: Any, campaign_id: str, **how: Any) -> Any:
    return call("campaigns", "list_publications", path={"campaign_id": campaign_id}, **how)


def test_a_post_shows_where_it_is_and_what_it_has_reached(call: Any, campaign: str, store: PublicationTable) -> None:
    live = store.published(begin(store, campaign), "1234_5678", MADE_AT)
    polled = MADE_AT + timedelta(minutes=5)
    store.add_figures(live, {"views": Decimal(100), "likes": Decimal(0)}, None, polled)
    answer = publications(call, campaign, user=VIEWER)
    assert (answer.status, answer.json) == (200, {
        "items": [{
            "outlet": {"id": PAGE.id, "platform": "facebook", "profile": "1234", "name": "Shop"},
            "channel": "social", "run": 1, "step": "1", "state": "live", "vendorId": "1234_5678",
            "url": "https://www.facebook.com/1234_5678", "publishedAt": "2026-11-21T09:00:00Z",
            "figures": {
                "views": 100, "likes": 0, "comments": None, "shares": None, "impressions": None, "vendorClicks": None,
                "vendorConversions": None, "spend": {},
            },
            "polledAt": "2026-11-21T09:05:00Z",
        }],
        "next": None,
    })  # fmt: skip


def test_an_ad_campaign_shows_what_it_cost(call: Any, campaign: str, store: PublicationTable) -> None:
    live = store.published(begin(store, campaign, ACCOUNT), "120210", MADE_AT)
    figures = {"spend.EUR": Decimal("12.3"), "vendor_conversions": Decimal("2.5"), "impressions": Decimal(900)}
    store.add_figures(live, figures, None, MADE_AT)
    [shown] = publications(call, campaign).json["items"]
    assert shown["channel"] == "ads"
    assert shown["url"] == (
        "https://adsmanager.facebook.com/adsmanager/manage/campaigns?act=77&selected_campaign_ids=120210"
    )
    assert shown["figures"]["spend"] == {"EUR": "12.30"}
    assert (shown["figures"]["vendorConversions"], shown["figures"]["impressions"]) == (2.5, 900)


def test_what_nobody_knows_of_yet_shows_no_address(call: Any, campaign: str, store: PublicationTable) -> None:
    begin(store, campaign)
    [shown] = publications(call, campaign).json["items"]
    assert (shown["state"], shown["vendorId"], shown["url"], shown["publishedAt"]) == ("calling", None, None, None)


def test_runs_come_in_their_order_page_by_page_and_one_by_one(
    call: Any, campaign: str, store: PublicationTable
) -> None:
    for run in (10, 2, 1):
        begin(store, campaign, run=run)
    first = publications(call, campaign, query={"limit": "2"}).json
    rest = publications(call, campaign, query={"limit": "2", "cursor": first["next"]}).json
    assert [each["run"] for each in first["items"] + rest["items"]] == [1, 2, 10]
    assert [each["run"] for each in publications(call, campaign, query={"run": "2"}).json["items"]] == [2]


@pytest.mark.parametrize("query", [{"cursor": "e30"}, {"cursor": "eyJzayI6IlNUQVQjIn0"}, {"run": "0"}])
def test_a_page_that_is_none_is_refused(call: Any, campaign: str, query: dict[str, str]) -> None:
    answer = publications(call, campaign, query=query)
    assert answer.status == 400
    assert answer.json["errors"][0]["field"] == f"query.{next(iter(query))}"


def test_another_organisation_sees_nothing(call: Any, campaign: str, store: PublicationTable) -> None:
    begin(store, campaign)
    assert publications(call, campaign, user=STRANGER, org=GLOBEX).status == 404
    assert publications(call, "01J00000000000000000000000").status == 404


def test_whoever_is_no_member_is_refused(call: Any, campaign: str) -> None:
    assert publications(call, campaign, user=STRANGER, org=ACME).status == 403
    assert publications(call, campaign, user=None).status == 401
