"""A member's consent at X, from the address to the page that ends it."""

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion import wiring
from clarion.storage.table import Table
from tests.channels.vendor_server import LoopbackVendor
from tests.routes.conftest import ACME, STRANGER
from tests.routes.integrations.conftest import PREFIX, SECRET, Vault, start_anew

APP = {"credentials": {"clientId": "client123", "clientSecret": SECRET}}


@pytest.fixture(autouse=True)
def _app(vault: Vault, call: Any) -> None:
    assert (
        call("integrations", "connect_platform", path={"platform": "x"}, body=APP).json["status"] == "awaiting_consent"
    )


def begin(call: Any, **how: Any) -> Any:
    return call("integrations", "authorize_platform", path={"platform": "x"}, **how)


def asked(call: Any) -> dict[str, str]:
    """The parameters of the vendor's page."""
    answer = begin(call)
    assert answer.status == 201
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.json["url"]).query).items()}


def come_back(call: Any, platform: str = "x", **query: str) -> Any:
    return call("integrations", "finish_authorization", path={"platform": platform}, query=query, user=None)


def status(call: Any) -> str:
    found: str = call("integrations", "get_platform", path={"platform": "x"}).json["status"]
    return found


def test_a_consent_connects_the_platform_and_lists_its_profiles(
    call: Any, vendor: LoopbackVendor, vault: Vault
) -> None:
    page = come_back(call, state=asked(call)["state"], code="the-code", lang="en")
    assert page.status == 200
    assert "<h1>X is connected</h1>" in page.text
    assert "@acme" in page.text
    assert status(call) == "connected"
    profile = {"platform": "x", "id": "7", "name": "@acme", "kind": "account"}
    listed = call("integrations", "list_social_profiles")
    assert listed.json["items"] == [profile]
    one = call("integrations", "list_platform_profiles", path={"platform": "x"})
    assert one.json["items"] == [profile]
    assert call("integrations", "list_social_profiles", user=STRANGER).json["items"] == []
    assert f"{SECRET}-token" in vault.texts()[f"{PREFIX}/{ACME}/x"]
    exchanged = vendor.calls("POST /2/oauth2/token")[-1].form
    assert exchanged["code"] == "the-code"
    assert len(exchanged["code_verifier"]) == 43
    assert exchanged["redirect_uri"] == "https://t.example.com/connect/oauth/x/callback"


@pytest.mark.parametrize("query", [{}, {"endConsent": "true"}])
def test_disconnecting_gives_the_token_back(call: Any, vendor: LoopbackVendor, vault: Vault, query: Any) -> None:
    come_back(call, state=asked(call)["state"], code="the-code")
    assert call("integrations", "disconnect_platform", path={"platform": "x"}, query=query).status == 204
    assert vault.texts() == {}
    tokens = [each.form["token"] for each in vendor.calls("POST /2/oauth2/revoke")]
    assert tokens == ["r", f"{SECRET}-token"], "which X answers 404 here: that changes nothing"


def test_how_to_disconnect_is_said_in_known_words(call: Any) -> None:
    answer = call("integrations", "disconnect_platform", path={"platform": "x"}, query={"endConsent": "maybe"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "query.endConsent")


def test_the_page_leads_nowhere_and_loads_nothing(call: Any) -> None:
    page = come_back(call, state=asked(call)["state"], code="the-code")
    assert "location" not in page.headers
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "href" not in page.text
    assert "<script" not in page.text


def test_the_callbacks_function_needs_no_address_of_its_own(call: Any, monkeypatch: Any) -> None:
    state = asked(call)["state"]
    monkeypatch.setenv("PUBLIC_URL", "")
    start_anew()
    assert come_back(call, state=state, code="the-code").status == 200


def test_a_state_is_good_once(call: Any) -> None:
    state = asked(call)["state"]
    assert come_back(call, state=state, code="the-code").status == 200
    page = come_back(call, state=state, code="the-code")
    assert page.status == 403
    assert "not valid any more" in page.text


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"state": "x.y", "code": "c"}, {"code": "c"}])
def test_what_we_did_not_ask_for_is_a_page_that_says_so(
    call: Any, vendor: LoopbackVendor, query: dict[str, str]
) -> None:
    before = len(vendor.asked)
    page = come_back(call, **query)
    assert page.status == 403
    assert page.headers["content-type"].startswith("text/html")
    assert len(vendor.asked) == before


def test_a_member_who_refuses_connects_nothing(call: Any) -> None:
    page = come_back(call, state=asked(call)["state"], error="access_denied", error_description="<script>x</script>")
    assert page.status == 422
    assert "X did not give its consent" in page.text
    assert "script>x" not in page.text
    assert status(call) == "awaiting_consent"


def test_what_a_vendor_says_is_shown_as_text(call: Any, monkeypatch: Any) -> None:
    state = asked(call)["state"]
    words = "<img src=x onerror=alert(1)>"
    with LoopbackVendor({"POST /2/oauth2/token": (400, {"error": "invalid_grant", "error_description": words})}) as no:
        monkeypatch.setenv("VENDOR_URLS", f"x={no.url}")
        start_anew()
        page = come_back(call, state=state, code="the-code")
    assert page.status == 422
    assert "<img" not in page.text
    assert "&lt;img" in page.text


def test_a_platform_without_consent_has_no_page(call: Any) -> None:
    state = asked(call)["state"]
    assert come_back(call, "sendgrid", state=state, code="c").status == 422
    assert come_back(call, "myspace", state=state, code="c").status == 404
    assert come_back(call, "linkedin", state=state, code="c").status == 403


def test_without_its_apps_credentials_nobody_consents(call: Any) -> None:
    assert begin(call, user=STRANGER).status == 422


def test_a_consent_waits_in_the_table_until_it_ends(call: Any, table: Table, dynamodb: Any) -> None:
    asked(call)
    items = dynamodb.scan(TableName="clarion-test")["Items"]
    [row] = [item for item in items if item["sk"]["S"].startswith("AUTHORIZATION#")]
    assert row["pk"]["S"] == f"ORG#{ACME}#AUTHORIZATIONS"
    assert int(row["expires_at"]["N"]) > 0


def test_no_row_or_log_line_holds_a_token(call: Any, dynamodb: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = come_back(call, state=asked(call)["state"], code="the-code-nobody-may-see")
    assert page.status == 200
    everything = str(dynamodb.scan(TableName="clarion-test")["Items"]) + caplog.text + page.text
    assert SECRET not in everything
    assert "the-code-nobody-may-see" not in everything


def test_a_token_that_ends_is_renewed_for_the_worker_that_needs_it(call: Any, vendor: LoopbackVendor) -> None:
    come_back(call, state=asked(call)["state"], code="the-code")
    wiring.connected_platforms().forget(ACME)
    connection, secrets = wiring.credentials_for(ACME, "x")
    assert secrets.tokens is not None
    assert secrets.tokens.access == f"{SECRET}-token"
    before = len(vendor.calls("POST /2/oauth2/token"))
    kept = wiring.connection_table().get(ACME, "x")
    assert kept is not None
    wiring.connection_table().save(ACME, kept.model_copy(update={"refresh_at": kept.connected_at}))
    wiring.connected_platforms().forget(ACME)
    renewed, _ = wiring.credentials_for(ACME, "x")
    assert renewed.secret_version != connection.secret_version
    assert [each.form["grant_type"] for each in vendor.calls("POST /2/oauth2/token")[before:]] == ["refresh_token"]
