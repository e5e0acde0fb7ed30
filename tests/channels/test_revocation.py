"""Tokens given back to vendors on loopback."""

import time
from base64 import b64encode

import pytest

from clarion.channels import revocation
from clarion.channels.origins import Origins
from clarion.channels.profiles import proof_of
from clarion.channels.revocation import TokenRevocation
from clarion.domain.connection import Secrets, Tokens
from clarion.domain.platforms import PLATFORMS, platform_of
from tests.channels.http_server import LoopbackHttp
from tests.channels.vendor_server import LoopbackVendor

APP = {"clientId": "client123", "clientSecret": "app/secret", "developerToken": "developer-token"}
SECRETS = Secrets(APP, Tokens("the-access-token", "the-refresh-token"))
META = ("facebook", "instagram", "meta-ads")
CONSENTS = [platform.id for platform in PLATFORMS.values() if platform.oauth]


def revoke(url: str, platform: str, secrets: Secrets = SECRETS, end_consent: bool = False) -> str:
    return TokenRevocation(Origins({platform: url})).revoke(platform_of(platform), secrets, end_consent)


def test_x_gets_both_tokens_back_from_the_app_they_were_given_to() -> None:
    with LoopbackVendor({"POST /2/oauth2/revoke": (200, {"revoked": True})}) as x:
        assert revoke(x.url, "x") == "revoked"
        calls = x.calls("POST /2/oauth2/revoke")
    assert [dict(each.form) for each in calls] == [{"token": "the-refresh-token"}, {"token": "the-access-token"}]
    basic = b64encode(b"client123:app%2Fsecret").decode()
    assert {each.headers["authorization"] for each in calls} == {f"Basic {basic}"}


def test_google_gets_the_token_back_that_the_others_come_from() -> None:
    with LoopbackVendor({"POST /revoke": (200, {})}) as google:
        assert revoke(google.url, "google-ads", end_consent=True) == "revoked"
        [asked] = google.asked
    assert dict(asked.form) == {"token": "the-refresh-token"}
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("platform", META)
def test_meta_is_asked_in_the_members_name_to_forget_the_app(platform: str) -> None:
    with LoopbackVendor({"DELETE /v25.0/me/permissions": (200, {"success": True})}) as meta:
        assert revoke(meta.url, platform, Secrets(APP, Tokens("the-access-token")), end_consent=True) == "revoked"
        [asked] = meta.asked
    assert asked.headers["authorization"] == "Bearer the-access-token"
    assert asked.query == {"appsecret_proof": proof_of("app/secret", "the-access-token")}


@pytest.mark.parametrize("platform", [*META, "google-ads"])
def test_what_would_end_the_members_consent_elsewhere_is_done_on_request_alone(platform: str) -> None:
    with LoopbackVendor({}) as vendor:
        assert revoke(vendor.url, platform) == "kept, with the member's consent to the app"
    assert vendor.asked == []


@pytest.mark.parametrize("end_consent", [False, True])
def test_linkedin_documents_no_way_so_it_is_not_asked(end_consent: bool) -> None:
    with LoopbackVendor({}) as linkedin:
        assert revoke(linkedin.url, "linkedin", end_consent=end_consent) == "left to end by itself"
    assert linkedin.asked == []


@pytest.mark.parametrize("platform", CONSENTS)
def test_without_a_token_nobody_is_asked(platform: str) -> None:
    with LoopbackVendor({}) as vendor:
        assert revoke(vendor.url, platform, Secrets(APP), end_consent=True) == "no token"
    assert vendor.asked == []


@pytest.mark.parametrize("platform", [each for each in CONSENTS if each != "linkedin"])
@pytest.mark.parametrize(("status", "told"), [(400, "the vendor answered 400"), (0, "the connection to the vendor")])
def test_a_refusal_is_told_without_the_vendors_words(platform: str, status: int, told: str) -> None:
    refusal = (status, {"error": "invalid_token", "token": "the-refresh-token"})
    routes = ("POST /2/oauth2/revoke", "POST /revoke", "DELETE /v25.0/me/permissions")
    with LoopbackVendor(dict.fromkeys(routes, refusal)) as vendor:
        found = revoke(vendor.url, platform, end_consent=True)
    assert found.startswith(f"not revoked: {told}")
    assert "token" not in found


def test_an_access_token_is_given_back_where_the_refresh_token_could_not_be() -> None:
    with LoopbackVendor({"POST /2/oauth2/revoke": [(503, {}), (200, {})]}) as x:
        assert revoke(x.url, "x") == "not revoked: the vendor answered 503"
    assert len(x.asked) == 2


def test_a_vendor_that_does_not_answer_is_waited_for_seconds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2 * (revocation.CONNECT_SECONDS + revocation.READ_SECONDS) <= 10
    monkeypatch.setattr(revocation, "READ_SECONDS", 0.1)
    begun = time.monotonic()
    with LoopbackHttp("hang") as x:
        assert revoke(x.url, "x") == "not revoked: the vendor did not answer in time"
    assert time.monotonic() - begun < 5


def test_a_vendor_that_is_gone_is_told() -> None:
    with LoopbackVendor({}) as gone:
        pass
    assert revoke(gone.url, "x").startswith("not revoked: no connection to the vendor")
