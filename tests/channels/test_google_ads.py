"""Campaigns and audiences within Google's protocol buffers: one atomic call, and nothing twice."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clarion.channels import google_audiences
from clarion.channels.google_ads import GoogleAds
from clarion.channels.google_ads_client import GoogleAdsClient
from clarion.channels.google_audiences import GoogleAudiences
from clarion.domain.ad import AdPlatform, AdResults
from clarion.domain.ad_audience import AudienceMember, AudienceUploads, UploadedAudience, sha256_hex
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop
from clarion.domain.post import Absent
from tests.channels.adverts import URL, an_advert
from tests.contract_servers.google import GoogleAdsServer
from tests.contract_servers.server import Reply

CUSTOMER = "customers/1234567890"
SEARCH, MUTATE = (f"POST /v25/{CUSTOMER}/googleAds:{method}" for method in ("searchStream", "mutate"))
TOKEN, DEVELOPER = "access-token", "developer-token-of-acme"


def rows(*found: dict[str, Any]) -> Reply:
    return Reply(200, body=[{"results": list(found)}] if found else [])


NONE = rows()
ACCOUNT = rows({"customer": {"currencyCode": "EUR", "timeZone": "Europe/Berlin"}})
PLACES = rows(*(
    {"geoTargetConstant": {"countryCode": code, "resourceName": f"geoTargetConstants/{number}"}}
    for code, number in (("DE", 2276), ("AT", 2040))
))  # fmt: skip
OURS = rows({"campaign": {"id": "77", "name": "Renamed [01JDXYZ]"}})
MADE = Reply(200, body={"mutateOperationResponses": [
    {"campaignBudgetResult": {"resourceName": f"{CUSTOMER}/campaignBudgets/5"}},
    {"campaignResult": {"resourceName": f"{CUSTOMER}/campaigns/77"}},
]})  # fmt: skip


def client(server: GoogleAdsServer) -> GoogleAdsClient:
    return GoogleAdsClient(
        TOKEN, DEVELOPER, "1234567890", "1112223334", server.url, read_seconds=server.patience, now=lambda: 0.0
    )


@pytest.fixture
def server():
    with GoogleAdsServer({SEARCH: [NONE, ACCOUNT, PLACES], MUTATE: MADE}) as found:
        yield found
    assert found.problems == []


@pytest.fixture
def ads(server) -> AdPlatform:
    return GoogleAds(client(server))


def test_a_campaign_is_one_atomic_call_and_paused(server, ads):
    assert ads.create(an_advert()) == Accepted("77")
    request = server.received[-1]
    assert (request.headers["Authorization"], request.headers["Developer-Token"]) == (f"Bearer {TOKEN}", DEVELOPER)
    assert request.headers["Login-Customer-Id"] == "1112223334"
    [call] = server.calls(MUTATE)
    budget, campaign, german, austrian, group, keyword, ad = (
        next(iter(each.values()))["create"] for each in call["mutateOperations"]
    )
    assert (budget["resourceName"], budget["amountMicros"]) == (f"{CUSTOMER}/campaignBudgets/-1", "12500000")
    assert (campaign["name"], campaign["status"]) == ("Bells & whistles [01JDXYZ]", "PAUSED")
    assert campaign["campaignBudget"] == budget["resourceName"]
    assert campaign["startDateTime"] == "2026-12-02 00:00:00"  # in Berlin
    assert campaign["containsEuPoliticalAdvertising"] == "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"
    assert (german["location"], austrian["campaign"]) == (
        {"geoTargetConstant": "geoTargetConstants/2276"}, campaign["resourceName"],
    )  # fmt: skip
    assert group["campaign"] == campaign["resourceName"]
    assert (keyword["adGroup"], keyword["keyword"]["text"]) == (group["resourceName"], "brass bell")
    assert ad["ad"]["finalUrls"] == [URL]
    assert [each["text"] for each in ad["ad"]["responsiveSearchAd"]["headlines"]] == ["Bells", "Whistles", "Horns"]


def test_what_google_does_not_know_would_be_found_out():
    with GoogleAdsServer() as server:
        google = client(server)
        google.post(f"{CUSTOMER}/googleAds:mutate", {"mutateOperation": []})
        google.post(f"{CUSTOMER}/googleAds:mutate", {"mutateOperations": [
            {"campaignOperation": {"create": {"status": "PAUSE"}}},
        ]})  # fmt: skip
        google.post(f"{CUSTOMER}/campaign:mutate", {})
        google.search("campaign", ["campaign.id", "metrics.cost"], "campaign.name = 'a.b'")
    found = " ".join(server.problems)
    for word in ("mutateOperation", "PAUSE", "no such method", "no such field: metrics.cost"):
        assert word in found
    assert "a.b" not in found


def test_politics_an_audience_and_a_campaign_without_end_are_told(server, ads):
    ads.create(an_advert(special_categories=frozenset({"politics"}), audience_id="9", end_at=None))
    created = [next(iter(each.values()))["create"] for each in server.calls(MUTATE)[0]["mutateOperations"]]
    assert created[1]["containsEuPoliticalAdvertising"] == "CONTAINS_EU_POLITICAL_ADVERTISING"
    assert "endDateTime" not in created[1]
    assert created[4]["userList"] == {"userList": f"{CUSTOMER}/userLists/9"}


def test_a_repeated_attempt_finds_the_campaign_by_our_id(server, ads):
    server.answer({SEARCH: OURS})
    assert ads.create(an_advert()) == Accepted("77")
    assert server.calls(MUTATE) == []
    assert "LIKE '%01JDXYZ%'" in server.calls(SEARCH)[0]["query"]


def test_a_campaign_is_found_by_our_id_alone(server, ads):
    server.answer({SEARCH: [OURS, NONE, Reply(403), Reply(drop=True)]})
    assert [ads.find("01JDXYZ") for _ in range(2)] == [Accepted("77"), Absent()]
    assert [type(ads.find("01JDXYZ")) for _ in range(2)] == [Stop, Retry]
    assert server.calls(MUTATE) == []


def failure(status: int, kind: str, code: str, **details: Any) -> Reply:
    named = {"errorCode": {kind: code}, "message": "no", **({"details": details} if details else {})}
    detail = {"@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure", "errors": [named]}
    return Reply(status, body={"error": {"code": status, "message": "m", "status": "X", "details": [detail]}})


DUPLICATE = failure(400, "campaignError", "DUPLICATE_CAMPAIGN_NAME")


def test_a_name_that_is_taken_is_our_own_campaign(server, ads):
    server.answer({SEARCH: [NONE, ACCOUNT, PLACES, OURS], MUTATE: DUPLICATE})
    assert ads.create(an_advert()) == Accepted("77")
    server.answer({SEARCH: [NONE, ACCOUNT, PLACES, NONE]})
    assert isinstance(ads.create(an_advert()), Retry)


def verdict(server: GoogleAdsServer, reply: Reply) -> Outcome:
    server.answer({MUTATE: reply})
    found = GoogleAds(client(server)).create(an_advert())
    assert len(server.calls(MUTATE)) == 1
    return found


@pytest.mark.parametrize(("reply", "outcome"), [
    (failure(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", quotaErrorDetails={"retryDelay": "5s"}),
     Retry(5, "no", throttled=True)),
    (failure(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED"), Retry(None, "no", throttled=True)),
    (failure(429, "quotaError", "RESOURCE_EXHAUSTED"), Stop("RESOURCE_EXHAUSTED", "no")),
    (failure(500, "internalError", "TRANSIENT_ERROR"), Retry(None, "no")),
    (failure(504, "internalError", "DEADLINE_EXCEEDED"), Retry(None, "no")),
    (failure(400, "databaseError", "CONCURRENT_MODIFICATION"), Retry(None, "no")),
    (failure(401, "authenticationError", "OAUTH_TOKEN_EXPIRED"), Stop("OAUTH_TOKEN_EXPIRED", "no")),
    (failure(403, "authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED"), Stop("DEVELOPER_TOKEN_NOT_APPROVED", "no")),
    (failure(400, "policyFindingError", "POLICY_FINDING"), Rejected("POLICY_FINDING", "no")),
    (Reply(401, body={"error": {"message": f"bad {TOKEN}", "status": "UNAUTHENTICATED"}}),
     Stop("UNAUTHENTICATED", "bad [secret]")),
    (Reply(400, body=[{"error": {"message": "no", "status": "INVALID_ARGUMENT"}}]), Rejected("INVALID_ARGUMENT", "no")),
    (Reply(404, body=b"<html>"), Stop("404", "<html>")),
    (Reply(429, {"Retry-After": "7"}), Retry(7, "", throttled=True)),
    (Reply(503), Retry(None, "the vendor answered 503")),
    (Reply(200, body=b"<"), Retry(None, "Google answered something unreadable")),
    (Reply(200, body=[]), Retry(None, "Google answered something unreadable")),
    (Reply(200, body={}), Retry(None, "Google answered without the campaign's name")),
])  # fmt: skip
def test_each_answer_has_its_outcome(server, reply, outcome):
    assert verdict(server, reply) == outcome


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(("reply", "kind"), [(Reply(drop=True), Retry), (Reply(403), Stop)])
def test_a_look_up_that_fails_makes_nothing(server, ads, number, reply, kind):
    looks = [NONE, ACCOUNT, PLACES]
    server.answer({SEARCH: [*looks[:number], reply]})
    assert isinstance(ads.create(an_advert()), kind)
    assert server.calls(MUTATE) == []


@pytest.mark.parametrize(("looks", "code"), [
    ([NONE, rows({"customer": {"currencyCode": "USD"}})], "Currency"), ([NONE, NONE], "Currency"),
    ([NONE, rows({"customer": {"currencyCode": "EUR", "timeZone": "Mars/Base"}})], "TimeZone"),
    ([NONE, ACCOUNT, rows({"geoTargetConstant": {"countryCode": "DE"}})], "Country"),
])  # fmt: skip
def test_an_account_that_does_not_fit_makes_nothing(server, ads, looks, code):
    server.answer({SEARCH: looks})
    found = ads.create(an_advert())
    assert isinstance(found, Stop | Rejected)
    assert (found.code, server.calls(MUTATE)) == (code, [])


@pytest.mark.parametrize("changes", [
    {"headlines": ("a", "b")}, {"headlines": ("x" * 31, "b", "c")}, {"descriptions": ("a",)}, {"keywords": ()},
])  # fmt: skip
def test_what_is_no_search_ad_is_refused_before_any_call(server, ads, changes):
    assert isinstance(ads.create(an_advert(**changes)), Rejected)
    assert server.received == []


def test_results_are_spend_clicks_and_conversions(server, ads):
    row = {"customer": {"currencyCode": "EUR"}, "metrics": {
        "costMicros": "12340000", "impressions": "1000", "clicks": "20", "conversions": 2.5,
    }}  # fmt: skip
    server.answer({SEARCH: [rows(row), rows({"metrics": {}}), NONE, Reply(401), Reply(drop=True)]})
    found = [ads.results("77", date(2026, 12, 1), date(2026, 12, 2)) for _ in range(5)]
    assert found[:3] == [AdResults(Decimal("12.34"), "EUR", 1000, 20, Decimal("2.5")), AdResults(), AdResults()]
    assert [type(each) for each in found[3:]] == [Stop, Retry]
    assert "segments.date BETWEEN '2026-12-01' AND '2026-12-02'" in server.calls(SEARCH)[0]["query"]
    assert ads.results("77 OR 1", date(2026, 12, 1), date(2026, 12, 2)) == Absent()


@pytest.mark.parametrize("number", ["123-456-7890", ""])
def test_an_account_is_digits(number):
    with pytest.raises(ValueError, match="ten digits"):
        GoogleAdsClient(TOKEN, DEVELOPER, number, "1112223334")


LISTS, JOB = f"POST /v25/{CUSTOMER}/userLists:mutate", f"POST /v25/{CUSTOMER}/offlineUserDataJobs:create"
ADD, RUN = (f"POST /v25/{CUSTOMER}/offlineUserDataJobs/8:{method}" for method in ("addOperations", "run"))
LIST_NAME = f"{CUSTOMER}/userLists/9"
RINGERS = UploadedAudience("01JA", "Bell ringers")
PEOPLE = [AudienceMember("Zo.e@GMail.com ", "+493090182080"), AudienceMember("a.b@c.example")]
UPLOAD: dict[str, Any] = {
    SEARCH: NONE, LISTS: Reply(200, body={"results": [{"resourceName": LIST_NAME}]}),
    JOB: Reply(200, body={"resourceName": f"{CUSTOMER}/offlineUserDataJobs/8"}), ADD: Reply(200, body={}),
    RUN: Reply(200, body={"name": "operations/1"}),
}  # fmt: skip


@pytest.fixture
def audiences(server) -> AudienceUploads:
    server.answer(UPLOAD)
    return GoogleAudiences(client(server))


def upload(audiences: AudienceUploads) -> Outcome:
    begun = audiences.begin(RINGERS)
    added = audiences.add(begun.vendor_id, PEOPLE) if isinstance(begun, Accepted) else begun
    return audiences.finish(added.vendor_id) if isinstance(added, Accepted) else added


def test_people_are_uploaded_as_hashes_in_chunks_and_the_job_is_run(server, audiences, monkeypatch):
    monkeypatch.setattr(google_audiences, "CHUNK", 1)
    assert audiences.begin(RINGERS) == Accepted("9/8")
    assert audiences.add("9/8", PEOPLE) == Accepted("9/8")
    assert server.calls(RUN) == []
    assert audiences.finish("9/8") == Accepted("9")
    assert server.calls(LISTS)[0]["operations"][0]["create"]["name"] == "Bell ringers [01JA]"
    assert server.calls(JOB)[0]["job"]["customerMatchUserListMetadata"]["userList"] == LIST_NAME
    first, second = (call["operations"] for call in server.calls(ADD))
    assert first == [{"create": {"userIdentifiers": [
        {"hashedEmail": sha256_hex("zoe@gmail.com")}, {"hashedPhoneNumber": sha256_hex("+493090182080")},
    ]}}]  # fmt: skip
    assert second == [{"create": {"userIdentifiers": [{"hashedEmail": sha256_hex("a.b@c.example")}]}}]
    assert len(server.calls(RUN)) == 1


def test_a_list_is_not_made_twice(server, audiences):
    server.answer({SEARCH: rows({"userList": {"name": "x [01JA]", "resourceName": LIST_NAME}})})
    assert upload(audiences) == Accepted("9")
    assert server.calls(LISTS) == []


def test_a_job_that_runs_already_is_finished(server, audiences):
    server.answer({RUN: failure(400, "offlineUserDataJobError", "JOB_ALREADY_STARTED")})
    assert audiences.finish("9/8") == Accepted("9")


@pytest.mark.parametrize("step", [SEARCH, LISTS, JOB, ADD, RUN])
@pytest.mark.parametrize(("reply", "kind"), [
    (Reply(drop=True), Retry), (Reply(503), Retry), (failure(403, "authorizationError", "PERMISSION_DENIED"), Stop),
])  # fmt: skip
def test_an_upload_that_fails_may_be_repeated_or_needs_mending(server, audiences, step, reply, kind):
    server.answer({step: reply})
    assert isinstance(upload(audiences), kind)
    assert len(server.calls(step)) == 1
