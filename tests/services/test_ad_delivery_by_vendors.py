"""From an advertisement to what Meta and Google are asked to make, within their contracts; and back to its figures."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clarion.channels.ad_adapters import AdAdapters
from clarion.channels.origins import Origins
from clarion.domain.connection import Secrets, Tokens
from clarion.domain.outcomes import Accepted, Outcome, Retry
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.publication import Publication
from clarion.services.ad_delivery import AdDelivery
from clarion.services.ad_reports import AdReports
from clarion.services.audience_upload import AudienceUpload
from clarion.storage.audience_progress import AudienceProgressTable
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.google import GoogleAdsServer
from tests.contract_servers.meta import meta_ads
from tests.contract_servers.server import Reply
from tests.fakes.adverts import EVERYBODY, GOOGLE, META, NOW, ad_for, ad_run
from tests.fakes.publications import PublicationsInMemory
from tests.fakes.world import Contacts, Suppressions

SECRETS = Secrets(
    {"clientSecret": "app-secret", "pageId": "1067", "developerToken": "developer", "loginCustomerId": "111-222-3334"},
    Tokens("access"),
)
RUN = ad_run(definition=EVERYBODY, end_at=NOW + timedelta(days=9))
ACT, CUSTOMER = "/v25.0/act_42", "/v25/customers/1234567890"


class OneRun:
    def get(self, run_id: Any) -> Any:
        assert run_id == RUN.id
        return RUN


class Desk:
    """An organisation of three people; ``forget`` is a worker lost before anything was recorded."""

    def __init__(self, server: Dialogue) -> None:
        self.adapters = AdAdapters(SECRETS, Origins({"meta-ads": server.url, "google-ads": server.url}))
        self.contacts = Contacts()
        for n in range(3):
            said = {"email": f"p{n}@example.com", "consent": {"email": "granted"}}
            self.contacts.add(f"01J{n:023d}", NOW - timedelta(days=1), **said)
        self.forget()

    def forget(self) -> None:
        self.publications = PublicationsInMemory()

    def send(self, outlet: Outlet, **content: Any) -> tuple[OutletAd, Outcome]:
        progress = AudienceProgressTable(self.publications.table)
        delivery = AdDelivery(
            self.adapters.platform,
            self.adapters.audiences,
            AudienceUpload(OneRun(), self.contacts, Suppressions(), progress),
            self.publications,
            lambda platform, outcome: None,
            lambda: NOW,
            lambda: 0.0,
        )
        ad = ad_for(outlet, RUN, **content)
        [outcome] = delivery.send([ad])
        return ad, outcome

    def live(self, ad: OutletAd) -> Publication:
        kept = self.publications.get(ad.message)
        assert kept is not None
        return kept

    def reports(self) -> AdReports:
        return AdReports(lambda org, platform, account: self.adapters.platform(platform, account), lambda: NOW)


NONE = Reply(200, body={"data": []})


@pytest.fixture
def meta():
    answers: dict[str, Any] = {
        f"GET {ACT}": Reply(200, body={"currency": "EUR"}),
        **{f"GET {path}": NONE for path in (f"{ACT}/campaigns", "/v25.0/101/adsets", "/v25.0/101/ads")},
        **{
            f"POST {ACT}/{edge}": Reply(200, body={"id": name})
            for edge, name in (("campaigns", "101"), ("adsets", "102"), ("adcreatives", "103"), ("ads", "104"))
        },
        f"GET {ACT}/customaudiences": NONE,
        f"POST {ACT}/customaudiences": Reply(200, body={"id": "200"}),
        "POST /v25.0/200/users": Reply(200, body={"audience_id": "200"}),
    }
    with Dialogue(meta_ads(), answers) as found:
        yield found
    assert found.problems == []


def test_meta_is_given_the_audience_and_then_a_paused_campaign_for_it(meta):
    desk = Desk(meta)
    ad, outcome = desk.send(META, uploadAudience=True)
    assert outcome == Accepted("101")
    assert [each.path.rpartition("/")[2] for each in meta.received if each.method == "POST"] == [
        "customaudiences", "users", "campaigns", "adsets", "adcreatives", "ads",
    ]  # fmt: skip
    [campaign], [ad_set], [creative] = (
        meta.calls(f"POST {ACT}/{edge}") for edge in ("campaigns", "adsets", "adcreatives")
    )
    assert (campaign["name"], campaign["status"]) == ([f"Bells [{ad.campaign.id}]"], ["PAUSED"])
    assert json.loads(ad_set["targeting"][0])["custom_audiences"] == [{"id": "200"}]
    story = json.loads(creative["object_story_spec"][0])
    assert (story["page_id"], story["link_data"]["link"]) == ("1067", ad.campaign.url)
    assert desk.live(ad).vendor_id == "101"
    assert len(json.loads(meta.calls("POST /v25.0/200/users")[0]["payload"][0])["data"]) == 3


def test_meta_makes_nothing_twice_whether_or_not_the_first_attempt_was_recorded(meta):
    desk = Desk(meta)
    ad, _ = desk.send(META)
    asked = len(meta.received)
    assert desk.send(META)[1] == Accepted("101")
    assert len(meta.received) == asked, "what is recorded is not asked for"
    listed = Reply(200, body={"data": [{"id": "101", "name": ad.campaign.vendor_name}]})
    below = Reply(200, body={"data": [{"id": "9", "name": ad.campaign.vendor_name}]})
    meta.answer({f"GET {ACT}/campaigns": listed, "GET /v25.0/101/adsets": below, "GET /v25.0/101/ads": below})
    desk.forget()
    assert desk.send(META)[1] == Accepted("101")
    assert len(meta.calls(f"POST {ACT}/campaigns")) == len(meta.calls(f"POST {ACT}/ads")) == 1
    assert desk.live(ad).vendor_id == "101"
    assert desk.reports().find(desk.live(ad)) == Accepted("101")


def test_what_meta_leaves_unclear_is_tried_again_and_nothing_is_kept_of_it(meta):
    desk = Desk(meta)
    meta.answer({f"POST {ACT}/ads": Reply(drop=True)})
    ad, outcome = desk.send(META)
    assert isinstance(outcome, Retry)
    assert outcome.after_seconds == 60
    assert desk.publications.get(ad.message) is None


def test_metas_figures_are_read(meta):
    desk = Desk(meta)
    ad, _ = desk.send(META)
    row = {"spend": "12.34", "account_currency": "EUR", "impressions": "1000", "inline_link_clicks": "20"}
    meta.answer({"GET /v25.0/101/insights": Reply(200, body={"data": [row]})})
    assert desk.reports().figures(desk.live(ad)) == {
        "impressions": 1000, "vendor_clicks": 20, "vendor_conversions": 0, "spend.EUR": Decimal("12.34"),
    }  # fmt: skip


def rows(*found: dict[str, Any]) -> Reply:
    return Reply(200, body=[{"results": list(found)}] if found else [])


SEARCH, MUTATE = f"POST {CUSTOMER}/googleAds:searchStream", f"POST {CUSTOMER}/googleAds:mutate"
JOB = f"{CUSTOMER}/offlineUserDataJobs/8"
LOOKS = [
    rows(),
    rows({"customer": {"currencyCode": "EUR", "timeZone": "Europe/Berlin"}}),
    rows(
        {"geoTargetConstant": {"countryCode": "DE", "resourceName": "geoTargetConstants/2276"}},
        {"geoTargetConstant": {"countryCode": "AT", "resourceName": "geoTargetConstants/2040"}},
    ),
]


@pytest.fixture
def google():
    made = {"campaignResult": {"resourceName": "customers/1234567890/campaigns/77"}}
    answers: dict[str, Any] = {
        SEARCH: LOOKS,
        MUTATE: Reply(200, body={"mutateOperationResponses": [made]}),
        f"POST {CUSTOMER}/userLists:mutate": Reply(
            200, body={"results": [{"resourceName": "customers/1234567890/userLists/9"}]}
        ),
        f"POST {CUSTOMER}/offlineUserDataJobs:create": Reply(
            200, body={"resourceName": "customers/1234567890/offlineUserDataJobs/8"}
        ),
        f"POST {JOB}:addOperations": Reply(200, body={}),
        f"POST {JOB}:run": Reply(200, body={"name": "operations/1"}),
    }
    with GoogleAdsServer(answers) as found:
        yield found
    assert found.problems == []


def created(google: Dialogue) -> list[dict[str, Any]]:
    return [next(iter(each.values()))["create"] for each in google.calls(MUTATE)[-1]["mutateOperations"]]


def test_google_is_given_the_audience_and_then_a_paused_campaign_for_it(google):
    google.answer({SEARCH: [rows(), *LOOKS]})
    desk = Desk(google)
    ad, outcome = desk.send(GOOGLE, uploadAudience=True)
    assert outcome == Accepted("77")
    assert len(google.calls(f"POST {JOB}:addOperations")[0]["operations"]) == 3
    assert len(google.calls(f"POST {JOB}:run")) == 1
    campaign = created(google)[1]
    assert (campaign["name"], campaign["status"]) == (f"Bells [{ad.campaign.id}]", "PAUSED")
    assert {"campaign": campaign["resourceName"], "userList": {
        "userList": "customers/1234567890/userLists/9",
    }} in created(google)  # fmt: skip
    assert google.received[0].headers["Login-Customer-Id"] == "1112223334"
    assert desk.live(ad).vendor_id == "77"


def test_google_makes_nothing_twice_though_the_first_attempt_was_not_recorded(google):
    desk = Desk(google)
    ad, first = desk.send(GOOGLE)
    google.answer({SEARCH: rows({"campaign": {"id": "77", "name": ad.campaign.vendor_name}})})
    desk.forget()
    assert desk.send(GOOGLE)[1] == first == Accepted("77")
    assert len(google.calls(MUTATE)) == 1
    assert desk.reports().find(desk.live(ad)) == Accepted("77")


def test_googles_figures_are_read(google):
    desk = Desk(google)
    ad, _ = desk.send(GOOGLE)
    told = {"costMicros": "12340000", "impressions": "1000", "clicks": "20", "conversions": 2.5}
    google.answer({SEARCH: rows({"customer": {"currencyCode": "EUR"}, "metrics": told})})
    assert desk.reports().figures(desk.live(ad)) == {
        "impressions": 1000, "vendor_clicks": 20, "vendor_conversions": Decimal("2.5"), "spend.EUR": Decimal("12.34"),
    }  # fmt: skip
    assert "BETWEEN '2026-11-20' AND '2026-11-22'" in google.calls(SEARCH)[-1]["query"]
