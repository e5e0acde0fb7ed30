"""Campaigns and audiences within Meta's contract: made paused, and not twice."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.customaudience import CustomAudience

from clarion.channels import meta_audiences
from clarion.channels.graph import Graph
from clarion.channels.meta_ads import MetaAds
from clarion.channels.meta_audiences import MetaAudiences
from clarion.domain.ad import AdPlatform, AdResults
from clarion.domain.ad_audience import AudienceMember, AudienceUploads, UploadedAudience, sha256_hex
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.post import Absent
from tests.channels.adverts import URL, an_advert
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.meta import meaning, meta_ads, sdk
from tests.contract_servers.server import Reply

ACCOUNT = "act_42"
SHOWN = f"GET /v25.0/{ACCOUNT}"
LIST, MAKE = f"GET /v25.0/{ACCOUNT}/campaigns", f"POST /v25.0/{ACCOUNT}/campaigns"
AD_SET, CREATIVE, AD = (f"POST /v25.0/{ACCOUNT}/{edge}" for edge in ("adsets", "adcreatives", "ads"))
AD_SETS, ADS, INSIGHTS = (f"GET /v25.0/101/{edge}" for edge in ("adsets", "ads", "insights"))
NONE = Reply(200, body={"data": []})
ANSWERS: dict[str, Any] = {
    SHOWN: Reply(200, body={"currency": "EUR"}), LIST: NONE, AD_SETS: NONE, ADS: NONE,
    MAKE: Reply(200, body={"id": "101"}), AD_SET: Reply(200, body={"id": "102"}),
    CREATIVE: Reply(200, body={"id": "103"}), AD: Reply(200, body={"id": "104"}),
}  # fmt: skip


def listed(name: str) -> Reply:
    return Reply(200, body={"data": [{"id": "9", "name": "Other"}, {"id": name, "name": "Renamed [01JDXYZ]"}]})


@pytest.fixture
def server():
    with Dialogue(meta_ads(), ANSWERS) as found:
        yield found
    assert found.problems == []


def platform(server: Dialogue) -> AdPlatform:
    return MetaAds(Graph("token", "secret", server.url, read_seconds=server.patience), ACCOUNT, "1067")


@pytest.fixture
def ads(server) -> AdPlatform:
    return platform(server)


def made(server: Dialogue) -> list[str]:
    return [each.path.rpartition("/")[2] for each in server.received if each.method == "POST"]


def test_a_campaign_is_made_paused_with_all_below_it(server, ads):
    assert ads.create(an_advert()) == Accepted("101")
    [campaign], [ad_set], [creative], [ad] = (server.calls(name) for name in (MAKE, AD_SET, CREATIVE, AD))
    assert campaign.items() >= {
        "name": ["Bells & whistles [01JDXYZ]"], "status": ["PAUSED"], "objective": ["OUTCOME_TRAFFIC"],
        "special_ad_categories": ["[]"],
    }.items()  # fmt: skip
    assert (ad_set["campaign_id"], ad_set["daily_budget"], ad_set["status"]) == (["101"], ["1250"], ["PAUSED"])
    assert json.loads(ad_set["targeting"][0])["geo_locations"] == {"countries": ["DE", "AT"]}
    assert ad_set["start_time"] == ["2026-12-01T23:30:00+00:00"]
    assert ad_set["dsa_payor"] == ["Acme GmbH"]
    story = json.loads(creative["object_story_spec"][0])
    assert (story["page_id"], story["link_data"]["link"], story["link_data"]["name"]) == ("1067", URL, "Bells")
    assert (json.loads(ad["creative"][0]), ad["adset_id"], ad["status"]) == (
        {"creative_id": "103"},
        ["102"],
        ["PAUSED"],
    )


def test_the_same_campaign_of_metas_own_sdk_is_the_same_requests(server, ads):
    ads.create(an_advert())
    account = AdAccount(ACCOUNT, api=sdk(server.url, "token", "secret"))
    paused = {"name": an_advert().vendor_name, "status": "PAUSED"}
    account.create_campaign(params={
        **paused, "objective": "OUTCOME_TRAFFIC", "buying_type": "AUCTION", "is_adset_budget_sharing_enabled": False,
        "special_ad_categories": [],
    })  # fmt: skip
    account.create_ad_set(params={
        **paused, "campaign_id": "101", "daily_budget": 1250, "billing_event": "IMPRESSIONS",
        "optimization_goal": "LINK_CLICKS", "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "start_time": "2026-12-01T23:30:00+00:00", "end_time": "2026-12-24T00:00:00+00:00",
        "dsa_beneficiary": "Acme GmbH", "dsa_payor": "Acme GmbH", "targeting": {
            "geo_locations": {"countries": ["DE", "AT"]}, "targeting_automation": {"advantage_audience": 0},
        },
    })  # fmt: skip
    account.create_ad_creative(params={"name": an_advert().vendor_name, "object_story_spec": {
        "page_id": "1067", "link_data": {
            "link": URL, "message": "All that rings.", "name": "Bells", "picture": an_advert().image_url,
            "call_to_action": {"type": "LEARN_MORE", "value": {"link": URL}},
        },
    }})  # fmt: skip
    account.create_ad(params={**paused, "adset_id": "102", "creative": {"creative_id": "103"}})
    for name in (MAKE, AD_SET, CREATIVE, AD):
        ours, theirs = (meaning(form) for form in server.calls(name))
        ours.pop("appsecret_proof")
        assert ours == theirs


def test_a_field_that_meta_does_not_know_would_be_found_out():
    with Dialogue(meta_ads()) as server:
        graph = Graph("token", "secret", server.url)
        graph.post(f"{ACCOUNT}/campaigns", special_ad_categories=[], objektive="OUTCOME_TRAFFIC")
        graph.post(f"{ACCOUNT}/adsets", name="x", targeting={"geo_location": {}})
        graph.post(f"{ACCOUNT}/campaigns", special_ad_categories=["SPORTS"])
    assert [problem.partition(": ")[2][:30] for problem in server.problems] == [
        "unknown form field 'objektive'", "targeting: Additional properti", "special_ad_categories/0: 'SPOR",
    ]  # fmt: skip


def test_special_categories_are_told_with_their_countries(server, ads):
    ads.create(an_advert(special_categories=frozenset({"politics", "housing"}), audience_id="77"))
    [campaign], [ad_set] = server.calls(MAKE), server.calls(AD_SET)
    assert json.loads(campaign["special_ad_categories"][0]) == ["HOUSING", "ISSUES_ELECTIONS_POLITICS"]
    assert json.loads(campaign["special_ad_category_country"][0]) == ["DE", "AT"]
    assert json.loads(ad_set["targeting"][0])["custom_audiences"] == [{"id": "77"}]


@pytest.mark.parametrize(("currency", "budget", "told"), [("JPY", "1500", ["1500"]), ("KWD", "1.25", ["125"])])
def test_a_budget_is_in_metas_units_of_its_currency(server, ads, currency, budget, told):
    server.answer({SHOWN: Reply(200, body={"currency": currency})})
    ads.create(an_advert(currency=currency, daily_budget=Decimal(budget)))
    assert server.calls(AD_SET)[0]["daily_budget"] == told


def test_a_budget_in_another_currency_than_the_accounts_is_never_sent(server, ads):
    assert isinstance(ads.create(an_advert(currency="USD")), Stop)
    assert isinstance(ads.create(an_advert(currency="JPY")), Rejected)  # 12.50
    assert made(server) == []


def test_a_repeated_attempt_makes_only_what_is_missing(server, ads):
    server.answer({LIST: listed("101")})
    assert ads.create(an_advert()) == Accepted("101")
    server.answer({AD_SETS: listed("102")})
    assert ads.create(an_advert()) == Accepted("101")
    server.answer({ADS: listed("104")})
    assert ads.create(an_advert()) == Accepted("101")
    assert made(server) == ["adsets", "adcreatives", "ads", "adcreatives", "ads"]


@pytest.mark.parametrize("step", [SHOWN, LIST, MAKE, AD_SETS, AD_SET, ADS, CREATIVE, AD])
@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(503), Reply(200, body=b"<")])
def test_what_is_unclear_is_repeated_after_meta_has_settled_and_made_no_second_time(server, ads, step, reply):
    server.answer({step: reply})
    found = ads.create(an_advert())
    assert isinstance(found, Retry)
    assert found.after_seconds == 60
    assert len(server.calls(step)) == 1


def test_a_campaign_counts_as_found_once_its_ad_is_there(server, ads):
    server.answer(
        {LIST: [NONE, listed("101"), listed("101"), Reply(401), Reply(drop=True)], ADS: [NONE, listed("104")]}
    )
    assert [ads.find("01JDXYZ") for _ in range(3)] == [Absent(), Absent(), Accepted("101")]
    assert [type(ads.find("01JDXYZ")) for _ in range(2)] == [Stop, Retry]
    assert made(server) == []


def test_a_slow_answer_and_throttling_are_a_retry_and_bad_credentials_stop(server):
    server.answer({MAKE: [Reply(hang=True), Reply(429, {"Retry-After": "7"}), Reply(401), Reply(400)]})
    kinds = [platform(server).create(an_advert()) for _ in range(4)]
    assert [type(each) for each in kinds] == [Retry, Retry, Stop, Rejected]
    assert len(server.calls(MAKE)) == 4


def test_a_long_list_is_looked_through(server, ads):
    page = Reply(
        200, body={"data": [{"id": "1", "name": "x"}], "paging": {"cursors": {"after": "abc"}, "next": "https://x"}}
    )
    server.answer({LIST: [page, listed("101")], AD_SETS: listed("102"), ADS: listed("104")})
    assert ads.create(an_advert()) == Accepted("101")
    assert "after=abc" in server.received[2].path
    server.answer({LIST: page})
    assert isinstance(ads.create(an_advert()), Retry)
    assert made(server) == []


def test_results_are_spend_clicks_and_conversions(server, ads):
    row = {"spend": "12.34", "account_currency": "EUR", "impressions": "1000", "inline_link_clicks": "20", "actions": [
        {"action_type": "lead", "value": "2"}, {"action_type": "omni_purchase", "value": "1"},
        {"action_type": "link_click", "value": "20"},
    ]}  # fmt: skip
    gone = {"error": {"message": "no", "type": "x", "code": 100, "error_subcode": 33}}
    server.answer(
        {INSIGHTS: [Reply(200, body={"data": [row]}), NONE, Reply(400, body=gone), Reply(401), Reply(drop=True)]}
    )
    found = [ads.results("101", date(2026, 12, 1), date(2026, 12, 2)) for _ in range(5)]
    assert found[:3] == [AdResults(Decimal("12.34"), "EUR", 1000, 20, Decimal(3)), AdResults(), Absent()]
    assert [type(each) for each in found[3:]] == [Stop, Retry]


def test_results_of_a_campaign_nobody_clicked_are_nothing(server, ads):
    server.answer({INSIGHTS: Reply(200, body={"data": [{"spend": "NaN", "impressions": "3", "actions": 1}]})})
    assert ads.results("101", date(2026, 12, 1), date(2026, 12, 2)) == AdResults(impressions=3)


AUDIENCES, NEW = f"GET /v25.0/{ACCOUNT}/customaudiences", f"POST /v25.0/{ACCOUNT}/customaudiences"
USERS = "POST /v25.0/200/users"
RINGERS = UploadedAudience("01JA", "Bell ringers")
PEOPLE = [
    AudienceMember(" Zoe@Example.com", "+493090182080"),
    AudienceMember("a@b.example"),
    AudienceMember(None, "+12025550123"),
]
TAKEN = Reply(200, body={"audience_id": "200", "num_received": 1})


@pytest.fixture
def audiences(server) -> AudienceUploads:
    server.answer({AUDIENCES: NONE, NEW: Reply(200, body={"id": "200"}), USERS: TAKEN})
    return MetaAudiences(Graph("token", "secret", server.url), ACCOUNT)


def test_people_are_uploaded_as_hashes_in_chunks(server, audiences, monkeypatch):
    monkeypatch.setattr(meta_audiences, "CHUNK", 2)
    assert audiences.begin(RINGERS) == Accepted("200")
    assert audiences.add("200", PEOPLE) == audiences.finish("200") == Accepted("200")
    assert server.calls(NEW)[0]["name"] == ["Bell ringers [01JA]"]
    first, second = (json.loads(call["payload"][0]) for call in server.calls(USERS))
    assert first["schema"] == ["EMAIL", "PHONE"]
    assert first["data"] == [
        [sha256_hex("zoe@example.com"), sha256_hex("493090182080")],
        [sha256_hex("a@b.example"), ""],
    ]
    assert second["data"] == [["", sha256_hex("12025550123")]]


def test_the_same_person_of_metas_own_sdk_has_the_same_hashes(server, audiences):
    audiences.add("200", PEOPLE[:1])
    schema = [CustomAudience.Schema.MultiKeySchema.email, CustomAudience.Schema.MultiKeySchema.phone]
    custom = CustomAudience("200", api=sdk(server.url, "token", "secret"))
    custom.add_users(schema, [["zoe@example.com", "493090182080"]], is_raw=True)
    ours, theirs = (json.loads(call["payload"][0]) for call in server.calls(USERS))
    assert (ours["schema"], ours["data"]) == (theirs["schema"], theirs["data"])


def test_an_audience_is_not_made_twice_and_a_failed_upload_is_repeated(server, audiences):
    server.answer({AUDIENCES: Reply(200, body={"data": [{"id": "200", "name": "x [01JA]"}]}), USERS: Reply(drop=True)})
    assert audiences.begin(RINGERS) == Accepted("200")
    assert isinstance(audiences.add("200", PEOPLE), Retry)
    server.answer({USERS: Reply(401)})
    assert isinstance(audiences.add("200", PEOPLE), Stop)
    assert server.calls(NEW) == []


@pytest.mark.parametrize("step", [AUDIENCES, NEW])
def test_an_audience_that_may_have_been_made_is_looked_for_later(server, audiences, step):
    server.answer({step: Reply(503)})
    assert audiences.begin(RINGERS) == Retry(60, "the vendor answered 503")
    assert server.calls(USERS) == []
