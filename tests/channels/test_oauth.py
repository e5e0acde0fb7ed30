"""Codes and ending tokens at token endpoints on loopback, and whom the new tokens may act for."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion.channels.oauth import TokenEndpoints
from clarion.channels.origins import Origins
from clarion.channels.profiles import ProfileList
from clarion.domain.connection import Granted, Profile, Refused, Secrets, Tokens, Unreachable
from clarion.domain.platforms import platform_of
from tests.channels.vendor_server import LoopbackVendor, Reply

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PAGE = "https://t.example.com/connect/oauth/x/callback"
SECRETS = Secrets({"clientId": "client123", "clientSecret": "app/secret", "developerToken": "developer-token"})
ME: dict[str, Reply] = {"GET /2/users/me": (200, {"data": {"id": "7", "name": "Acme", "username": "acme"}})}
X_TOKENS = {"access_token": "access", "refresh_token": "refresh", "expires_in": 7200, "token_type": "bearer"}


def endpoints(url: str, platform: str) -> TokenEndpoints:
    origins = Origins({platform: url})
    return TokenEndpoints(origins, ProfileList(origins), lambda: NOW)


def exchange(vendor: LoopbackVendor, platform: str, verifier: str = "") -> Granted | Refused | Unreachable:
    return endpoints(vendor.url, platform).exchange(platform_of(platform), SECRETS, "the-code", verifier, PAGE)


def refresh(vendor: LoopbackVendor, platform: str, tokens: Tokens) -> Tokens | Refused | Unreachable:
    secrets = Secrets(SECRETS.credentials, tokens)
    return endpoints(vendor.url, platform).refresh(platform_of(platform), secrets)


def test_x_gets_the_code_with_verifier_and_basic_authentication() -> None:
    with LoopbackVendor({"POST /2/oauth2/token": (200, X_TOKENS), **ME}) as vendor:
        granted = exchange(vendor, "x", "the-verifier")
        [asked] = vendor.calls("POST /2/oauth2/token")
    until = NOW + timedelta(hours=2)
    assert granted == Granted(
        Tokens("access", "refresh", until, until - timedelta(minutes=12)),
        "@acme",
        (Profile(id="7", name="@acme", kind="account"),),
    )
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": PAGE,
        "code_verifier": "the-verifier",
    }
    # RFC 6749 2.3.1: both parts are form-encoded first.
    assert asked.headers["authorization"] == f"Basic {b64encode(b'client123:app%2Fsecret').decode()}"


def test_linkedin_gets_the_apps_credentials_in_the_form() -> None:
    replies: dict[str, Any] = {
        "POST /oauth/v2/accessToken": (200, {"access_token": "access", "expires_in": 5_184_000}),
        "GET /v2/userinfo": (200, {"sub": "abc", "name": "Ann"}),
        "GET /rest/organizationAcls": (
            200,
            {"elements": [{"organization": "urn:li:organization:42"}, {"organization": "urn:li:organizationBrand:1"}]},
        ),
    }
    with LoopbackVendor(replies) as vendor:
        granted = exchange(vendor, "linkedin")
        [asked] = vendor.calls("POST /oauth/v2/accessToken")
        [listed] = vendor.calls("GET /rest/organizationAcls")
    assert granted == Granted(
        Tokens("access", "", NOW + timedelta(days=60)),
        "Ann",
        (
            Profile(id="urn:li:person:abc", name="Ann", kind="person"),
            Profile(id="urn:li:organization:42", name="Organization 42", kind="organization"),
        ),
    )
    assert (asked.form["client_id"], asked.form["client_secret"]) == ("client123", "app/secret")
    assert "code_verifier" not in asked.form
    assert listed.headers["linkedin-version"]
    assert listed.query["q"] == "roleAssignee"


def test_a_linkedin_app_without_organisations_posts_for_the_member() -> None:
    replies: dict[str, Any] = {
        "POST /oauth/v2/accessToken": (200, {"access_token": "access"}),
        "GET /v2/userinfo": (200, {"sub": "abc", "name": "Ann"}),
        "GET /rest/organizationAcls": (403, {"message": "not enough permissions"}),
    }
    with LoopbackVendor(replies) as vendor:
        granted = exchange(vendor, "linkedin")
    assert isinstance(granted, Granted)
    assert [each.id for each in granted.profiles] == ["urn:li:person:abc"]


META_TOKENS = [
    (200, {"access_token": "an-hour", "expires_in": 3600}),
    (200, {"access_token": "sixty-days", "expires_in": 5_184_000}),
]
PAGES = [
    {"id": "1", "name": "Shop", "access_token": "page-1", "instagram_business_account": {"id": "9", "username": "sh"}},
    {"id": "2", "name": "Bakery", "access_token": "page-2"},
]


def meta(**more: Any) -> dict[str, Any]:
    return {
        "POST /v25.0/oauth/access_token": list(META_TOKENS),
        "GET /v25.0/me": (200, {"id": "5", "name": "Ann"}),
        "GET /v25.0/me/accounts": (200, {"data": PAGES}),
        "GET /v25.0/me/adaccounts": (200, {"data": [{"id": "act_3", "name": "Main"}]}),
        **more,
    }


def test_metas_hour_is_exchanged_for_sixty_days() -> None:
    with LoopbackVendor(meta()) as vendor:
        granted = exchange(vendor, "facebook")
        code, longer = vendor.calls("POST /v25.0/oauth/access_token")
        [me] = vendor.calls("GET /v25.0/me")
    assert isinstance(granted, Granted)
    until = NOW + timedelta(days=60)
    assert granted.tokens == Tokens("sixty-days", "", until, until - timedelta(days=6))
    assert code.form["code"] == "the-code"
    assert (longer.form["grant_type"], longer.form["fb_exchange_token"]) == ("fb_exchange_token", "an-hour")
    assert me.headers["authorization"] == "Bearer sixty-days"


def test_pages_have_tokens_of_their_own() -> None:
    with LoopbackVendor(meta()) as vendor:
        granted = exchange(vendor, "facebook")
    assert isinstance(granted, Granted)
    assert granted.account == "Ann"
    assert [(each.id, each.name) for each in granted.profiles] == [("1", "Shop"), ("2", "Bakery")]
    assert granted.profile_tokens == {"1": "page-1", "2": "page-2"}


def test_instagram_accounts_belong_to_pages() -> None:
    with LoopbackVendor(meta()) as vendor:
        granted = exchange(vendor, "instagram")
    assert isinstance(granted, Granted)
    assert granted.profiles == (Profile(id="9", name="sh", kind="account"),)
    assert granted.profile_tokens == {"9": "page-1"}


def test_ad_accounts_are_listed() -> None:
    with LoopbackVendor(meta()) as vendor:
        granted = exchange(vendor, "meta-ads")
    assert isinstance(granted, Granted)
    assert granted.profiles == (Profile(id="act_3", name="Main", kind="ad-account"),)


def test_a_long_list_of_pages_is_read_on() -> None:
    first = {"data": PAGES[:1], "paging": {"cursors": {"after": "there"}, "next": "https://elsewhere.example/"}}
    replies = meta(**{"GET /v25.0/me/accounts": [(200, first), (200, {"data": PAGES[1:]})]})
    with LoopbackVendor(replies) as vendor:
        granted = exchange(vendor, "facebook")
        calls = vendor.calls("GET /v25.0/me/accounts")
    assert isinstance(granted, Granted)
    assert [each.id for each in granted.profiles] == ["1", "2"]
    assert [each.query.get("after") for each in calls] == [None, "there"]


def test_google_lists_customers() -> None:
    replies: dict[str, Any] = {
        "POST /token": (200, {"access_token": "access", "refresh_token": "refresh", "expires_in": 3599}),
        "GET /v25/customers:listAccessibleCustomers": (200, {"resourceNames": ["customers/1234567890"]}),
    }
    with LoopbackVendor(replies) as vendor:
        granted = exchange(vendor, "google-ads", "v")
        [listed] = vendor.calls("GET /v25/customers:listAccessibleCustomers")
    assert isinstance(granted, Granted)
    assert granted.profiles == (Profile(id="1234567890", name="123-456-7890", kind="ad-account"),)
    assert listed.headers["developer-token"] == "developer-token"


@pytest.mark.parametrize("told", [{"refresh_token": "refresh-2"}, {}])
def test_a_refresh_token_that_is_not_replaced_stays(told: dict[str, str]) -> None:
    answer = {"access_token": "access-2", "expires_in": 7200, **told}
    with LoopbackVendor({"POST /2/oauth2/token": (200, answer)}) as vendor:
        tokens = refresh(vendor, "x", Tokens("access", "refresh"))
        [asked] = vendor.asked
    assert isinstance(tokens, Tokens)
    assert (tokens.access, tokens.refresh) == ("access-2", told.get("refresh_token", "refresh"))
    assert (asked.form["grant_type"], asked.form["refresh_token"]) == ("refresh_token", "refresh")


def test_meta_renews_a_token_by_itself() -> None:
    with LoopbackVendor({"POST /v25.0/oauth/access_token": META_TOKENS[1]}) as vendor:
        tokens = refresh(vendor, "meta-ads", Tokens("ending"))
        [asked] = vendor.asked
    assert isinstance(tokens, Tokens)
    assert tokens.access == "sixty-days"
    assert asked.form["fb_exchange_token"] == "ending"


def test_a_token_without_an_end_has_none() -> None:
    with LoopbackVendor({"POST /v25.0/oauth/access_token": (200, {"access_token": "for-ever"})}) as vendor:
        assert refresh(vendor, "facebook", Tokens("t")) == Tokens("for-ever")


def test_without_consent_there_is_nothing_to_renew() -> None:
    with LoopbackVendor({}) as vendor:
        assert endpoints(vendor.url, "x").refresh(platform_of("x"), SECRETS) == Refused("", "there is no consent yet")
        assert vendor.asked == []


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (400, {"error": "invalid_grant", "error_description": "no the-code"}, Refused("", "no [secret]")),
        (401, {"error": "invalid_client"}, Refused("clientSecret", "invalid_client")),
        (429, {"error": "slow_down"}, Unreachable("the vendor answered 429")),
        (503, {}, Unreachable("the vendor answered 503")),
        (200, {"token": "?"}, Unreachable("the vendor answered 200")),
        (400, {"token": "?"}, Refused("", "it gives no reason")),
        (200, [], Unreachable("the vendor answered 200")),
        (0, {}, Unreachable("the connection to the vendor was lost before its answer")),
    ],
)
def test_what_a_token_endpoint_says_instead(status: int, told: Any, expected: Refused | Unreachable) -> None:
    with LoopbackVendor({"POST /2/oauth2/token": (status, told)}) as vendor:
        assert exchange(vendor, "x", "the-verifier") == expected
        assert len(vendor.asked) == 1, "a code is sent once"


@pytest.mark.parametrize("platform", ["facebook", "linkedin", "x", "google-ads"])
@pytest.mark.parametrize("told", [{}, {"data": "x", "resourceNames": 5}, {"data": [{}], "resourceNames": [None]}, []])
def test_strange_lists_of_profiles_break_nothing(platform: str, told: Any) -> None:
    oauth = platform_of(platform).oauth
    assert oauth is not None
    paths = ["/v25.0/me", "/v25.0/me/accounts", "/v2/userinfo", "/2/users/me", "/v25/customers:listAccessibleCustomers"]
    replies: dict[str, Any] = {f"GET {path}": (200, told) for path in paths}
    with LoopbackVendor({f"POST {oauth.token_path}": (200, X_TOKENS), **replies}) as vendor:
        assert isinstance(exchange(vendor, platform, "v"), Granted | Unreachable)
