"""Google's own SDK makes the same campaign, audience and report: over gRPC it says what we say over REST.

Both are compared as the messages of Google's protocol buffers that they parse to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from google.ads.googleads.client import GoogleAdsClient as GoogleSdk  # type: ignore[import-untyped]  # no types
from google.ads.googleads.v25.services.services.google_ads_service import GoogleAdsServiceClient
from google.ads.googleads.v25.services.services.google_ads_service.transports import GoogleAdsServiceGrpcTransport
from google.ads.googleads.v25.services.services.offline_user_data_job_service import OfflineUserDataJobServiceClient
from google.ads.googleads.v25.services.services.offline_user_data_job_service.transports import (
    OfflineUserDataJobServiceGrpcTransport,
)
from google.ads.googleads.v25.services.services.user_list_service import UserListServiceClient
from google.ads.googleads.v25.services.services.user_list_service.transports import UserListServiceGrpcTransport
from google.auth.credentials import AnonymousCredentials
from google.protobuf import json_format

from clarion.channels.google_ads import GoogleAds
from clarion.channels.google_ads_client import GoogleAdsClient
from clarion.channels.google_audiences import GoogleAudiences
from clarion.domain.ad_audience import AudienceMember, UploadedAudience, sha256_hex
from tests.channels.adverts import URL, an_advert
from tests.channels.http_vendors import CUSTOMER, VENDORS
from tests.contract_servers.google import GoogleAdsServer, types_of
from tests.contract_servers.google_grpc import GrpcCalls, google_on_loopback
from tests.contract_servers.server import Received, Reply

DEVELOPER, MANAGER = "developer-token-of-acme", "1112223334"
ACCOUNT = "customers/1234567890"
LIST, JOB = f"{ACCOUNT}/userLists/9", f"{ACCOUNT}/offlineUserDataJobs/8"
RPCS = {
    f"{CUSTOMER}/googleAds:mutate": "GoogleAdsService/Mutate",
    f"{CUSTOMER}/googleAds:searchStream": "GoogleAdsService/SearchStream",
    f"{CUSTOMER}/userLists:mutate": "UserListService/MutateUserLists",
    f"{CUSTOMER}/offlineUserDataJobs:create": "OfflineUserDataJobService/CreateOfflineUserDataJob",
    f"{CUSTOMER}/offlineUserDataJobs/8:addOperations": "OfflineUserDataJobService/AddOfflineUserDataJobOperations",
    f"{CUSTOMER}/offlineUserDataJobs/8:run": "OfflineUserDataJobService/RunOfflineUserDataJob",
}
"""The method behind each of our URLs."""


@dataclass(frozen=True)
class Sdk:
    """Google's SDK on a channel that leads to ``calls``."""

    channel: Any
    calls: GrpcCalls
    types: GoogleSdk

    @property
    def ads(self) -> GoogleAdsServiceClient:
        return GoogleAdsServiceClient(transport=GoogleAdsServiceGrpcTransport(channel=self.channel))

    @property
    def lists(self) -> UserListServiceClient:
        return UserListServiceClient(transport=UserListServiceGrpcTransport(channel=self.channel))

    @property
    def jobs(self) -> OfflineUserDataJobServiceClient:
        transport = OfflineUserDataJobServiceGrpcTransport(channel=self.channel)
        return OfflineUserDataJobServiceClient(transport=transport)


@pytest.fixture
def sdk() -> Iterator[Sdk]:
    types = GoogleSdk(AnonymousCredentials(), DEVELOPER, login_customer_id=MANAGER, version="v25", use_proto_plus=True)
    with google_on_loopback(DEVELOPER, MANAGER) as (channel, calls):
        yield Sdk(channel, calls, types)


@pytest.fixture
def server() -> Iterator[GoogleAdsServer]:
    with GoogleAdsServer(VENDORS["google_ads"].answers) as found:
        yield found
    assert found.problems == []


@pytest.fixture
def ours(server) -> GoogleAdsClient:
    return GoogleAdsClient("access-token", DEVELOPER, "1234567890", MANAGER, server.url)


def by_rest(request: Received) -> tuple[str, Any]:
    """The method and the message of one of our requests; what the URL says is in the message over gRPC."""
    types = types_of(request.path)
    assert types is not None
    message = json_format.ParseDict(request.body, types[0].pb(types[0]()))
    if "resource_name" in message.DESCRIPTOR.fields_by_name:
        message.resource_name = request.path.removeprefix("/v25/").partition(":")[0]
    else:
        message.customer_id = request.path.split("/")[3]
    return RPCS[request.path], message


def by_grpc(calls: GrpcCalls, kind: Any) -> tuple[str, Any]:
    method, octets = calls.asked[-1]
    return method, kind.pb(kind.deserialize(octets))


def an_operation(sdk: Sdk, name: str) -> tuple[Any, Any]:
    """A mutation, and what it creates."""
    operation = sdk.types.get_type("MutateOperation")
    return operation, getattr(operation, f"{name}_operation").create


def the_campaign(sdk: Sdk) -> list[Any]:
    """`an_advert`, as one writes it with the SDK."""
    enums, advert = sdk.types.enums, an_advert()
    budget_made, budget = an_operation(sdk, "campaign_budget")
    budget.resource_name, budget.amount_micros = f"{ACCOUNT}/campaignBudgets/-1", 12_500_000
    budget.delivery_method, budget.explicitly_shared = enums.BudgetDeliveryMethodEnum.STANDARD, False
    made, campaign = an_operation(sdk, "campaign")
    campaign.resource_name, campaign.name = f"{ACCOUNT}/campaigns/-2", advert.vendor_name
    campaign.status = enums.CampaignStatusEnum.PAUSED
    campaign.advertising_channel_type = enums.AdvertisingChannelTypeEnum.SEARCH
    campaign.campaign_budget = budget.resource_name
    campaign.target_spend = sdk.types.get_type("TargetSpend")
    campaign.network_settings.target_google_search = True
    campaign.network_settings.target_search_network = campaign.network_settings.target_content_network = False
    campaign.contains_eu_political_advertising = (
        enums.EuPoliticalAdvertisingStatusEnum.DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING
    )
    campaign.start_date_time, campaign.end_date_time = "2026-12-02 00:00:00", "2026-12-24 23:59:59"
    targets = []
    for place in (2276, 2040):
        target_made, target = an_operation(sdk, "campaign_criterion")
        target.campaign, target.location.geo_target_constant = campaign.resource_name, f"geoTargetConstants/{place}"
        targets.append(target_made)
    group_made, group = an_operation(sdk, "ad_group")
    group.resource_name, group.name, group.campaign = f"{ACCOUNT}/adGroups/-3", campaign.name, campaign.resource_name
    group.status, group.type_ = enums.AdGroupStatusEnum.ENABLED, enums.AdGroupTypeEnum.SEARCH_STANDARD
    keyword_made, keyword = an_operation(sdk, "ad_group_criterion")
    keyword.ad_group, keyword.status = group.resource_name, enums.AdGroupCriterionStatusEnum.ENABLED
    keyword.keyword.text, keyword.keyword.match_type = "brass bell", enums.KeywordMatchTypeEnum.PHRASE
    ad_made, ad = an_operation(sdk, "ad_group_ad")
    ad.ad_group, ad.status = group.resource_name, enums.AdGroupAdStatusEnum.ENABLED
    ad.ad.final_urls.append(URL)
    for texts, given in (("headlines", advert.headlines), ("descriptions", advert.descriptions)):
        for text in given:
            asset = sdk.types.get_type("AdTextAsset")
            asset.text = text
            getattr(ad.ad.responsive_search_ad, texts).append(asset)
    return [budget_made, made, *targets, group_made, keyword_made, ad_made]


def test_a_campaign_is_the_same_mutation(server, ours, sdk):
    GoogleAds(ours).create(an_advert())
    sdk.ads.mutate(customer_id="1234567890", mutate_operations=the_campaign(sdk))
    kind = type(sdk.types.get_type("MutateGoogleAdsRequest"))
    assert by_rest(server.received[-1]) == by_grpc(sdk.calls, kind)


def test_credentials_go_by_the_names_the_sdk_gives_them(server, ours, sdk):
    GoogleAds(ours).find("01JDXYZ")
    list(sdk.ads.search_stream(customer_id="1234567890", query="SELECT campaign.id FROM campaign"))
    theirs = {name: sdk.calls.metadata[name] for name in ("developer-token", "login-customer-id")}
    headers = {name.lower(): value for name, value in server.received[0].headers.items()}
    assert {name: headers.get(name) for name in theirs} == theirs == {
        "developer-token": DEVELOPER, "login-customer-id": MANAGER,
    }  # fmt: skip


def test_a_report_is_the_same_query(server, ours, sdk):
    server.answer({f"POST {CUSTOMER}/googleAds:searchStream": Reply(200, body=[])})
    GoogleAds(ours).results("77", date(2026, 12, 1), date(2026, 12, 2))
    query = (
        "SELECT customer.currency_code, metrics.cost_micros, metrics.impressions, metrics.clicks, metrics.conversions"
        " FROM campaign WHERE campaign.id = 77 AND segments.date BETWEEN '2026-12-01' AND '2026-12-02'"
    )
    list(sdk.ads.search_stream(customer_id="1234567890", query=query))
    kind = type(sdk.types.get_type("SearchGoogleAdsStreamRequest"))
    assert by_rest(server.received[-1]) == by_grpc(sdk.calls, kind)


def test_an_audience_is_the_same_list_job_and_people(server, ours, sdk):
    server.answer({
        f"POST {CUSTOMER}/googleAds:searchStream": Reply(200, body=[]),
        f"POST {CUSTOMER}/userLists:mutate": Reply(200, body={"results": [{"resourceName": LIST}]}),
        f"POST {CUSTOMER}/offlineUserDataJobs:create": Reply(200, body={"resourceName": JOB}),
        f"POST {CUSTOMER}/offlineUserDataJobs/8:addOperations": Reply(200, body={}),
        f"POST {CUSTOMER}/offlineUserDataJobs/8:run": Reply(200, body={}),
    })  # fmt: skip
    audiences = GoogleAudiences(ours)
    audiences.begin(UploadedAudience("01JA", "Bell ringers"))
    audiences.add("9/8", [AudienceMember("zoe@example.com", "+493090182080")])
    audiences.finish("9/8")
    types, enums = sdk.types, sdk.types.enums

    listing = types.get_type("UserListOperation")
    listing.create.name, listing.create.membership_life_span = "Bell ringers [01JA]", 540
    listing.create.crm_based_user_list.upload_key_type = enums.CustomerMatchUploadKeyTypeEnum.CONTACT_INFO
    job = types.get_type("OfflineUserDataJob")
    job.type_ = enums.OfflineUserDataJobTypeEnum.CUSTOMER_MATCH_USER_LIST
    meant = job.customer_match_user_list_metadata
    meant.user_list = LIST
    meant.consent.ad_user_data = meant.consent.ad_personalization = enums.ConsentStatusEnum.GRANTED
    people = types.get_type("OfflineUserDataJobOperation")
    email, phone = types.get_type("UserIdentifier"), types.get_type("UserIdentifier")
    email.hashed_email, phone.hashed_phone_number = sha256_hex("zoe@example.com"), sha256_hex("+493090182080")
    people.create.user_identifiers.extend([email, phone])
    addition = types.get_type("AddOfflineUserDataJobOperationsRequest")
    addition.resource_name, addition.operations, addition.enable_partial_failure = JOB, [people], True

    steps = [
        ("MutateUserListsRequest", lambda: sdk.lists.mutate_user_lists(
            customer_id="1234567890", operations=[listing])),
        ("CreateOfflineUserDataJobRequest", lambda: sdk.jobs.create_offline_user_data_job(
            customer_id="1234567890", job=job)),
        ("AddOfflineUserDataJobOperationsRequest", lambda: sdk.jobs.add_offline_user_data_job_operations(addition)),
        ("RunOfflineUserDataJobRequest", lambda: sdk.jobs.run_offline_user_data_job(resource_name=JOB)),
    ]  # fmt: skip
    for mine, (kind, call) in zip(server.received[1:], steps, strict=True):
        call()
        assert by_rest(mine) == by_grpc(sdk.calls, type(types.get_type(kind)))
