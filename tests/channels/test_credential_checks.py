"""Credentials tried at vendors on loopback: what each answer says of them."""

import hmac
import logging
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.channels.aws_checks import check_ses, check_sms, client_of
from clarion.channels.credential_checks import CredentialChecks, mail_origin
from clarion.channels.oauth import TokenEndpoints
from clarion.channels.origins import Origins
from clarion.channels.profiles import ProfileList
from clarion.domain.connection import Passed, Refused, Secrets, Tokens, Unreachable, Verdict
from clarion.domain.platforms import platform_of
from tests.channels.vendor_server import LoopbackVendor
from tests.contract.aws_model import ModelledAws, Refusal

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SID = "AC" + "0" * 32
SECRET = "a-secret-nobody-may-see"
AWS = {"region": "eu-west-1", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": SECRET}
APP = {"clientId": "client123", "clientSecret": SECRET, "developerToken": "developer-token"}
GIVEN = {
    "sendgrid": {"apiKey": SECRET, "region": "us"},
    "mailgun": {"apiKey": SECRET, "domain": "mg.example.com", "region": "us"},
    "twilio": {"accountSid": SID, "authToken": SECRET, "sender": "+15005550006"},
}
CALL = {
    "sendgrid": "GET /v3/scopes",
    "mailgun": "GET /v3/domains/mg.example.com",
    "twilio": f"GET /2010-04-01/Accounts/{SID}.json",
}
GOOD: dict[str, Any] = {
    "sendgrid": {"scopes": ["mail.send", "user.profile.read"]},
    "mailgun": {"domain": {"name": "mg.example.com", "state": "active"}},
    "twilio": {"sid": SID, "status": "active", "friendly_name": "Acme"},
}
CONSENT_CALL = {
    "facebook": "GET /v25.0/me",
    "linkedin": "GET /v2/userinfo",
    "x": "GET /2/users/me",
    "google-ads": "GET /v25/customers:listAccessibleCustomers",
}
OAUTH = ["facebook", "instagram", "linkedin", "x", "meta-ads", "google-ads"]


def no_aws(service: str, given: Any) -> None:
    raise AssertionError(f"{service} was not to be asked")


def checks(url: str, platform: str) -> CredentialChecks:
    origins = Origins({platform: url})
    profiles = ProfileList(origins)
    endpoints = TokenEndpoints(origins, profiles, lambda: NOW)
    return CredentialChecks(origins, endpoints, profiles, no_aws, lambda name: f"https://t.example.com/{name}")


def check(server: LoopbackVendor, platform: str, secrets: Secrets | None = None) -> Verdict:
    return checks(server.url, platform).check(platform_of(platform), secrets or Secrets(GIVEN[platform]))


@pytest.mark.parametrize(
    ("platform", "authorization", "account"),
    [
        ("sendgrid", f"Bearer {SECRET}", ""),
        ("mailgun", f"Basic {b64encode(f'api:{SECRET}'.encode()).decode()}", "mg.example.com"),
        ("twilio", f"Basic {b64encode(f'{SID}:{SECRET}'.encode()).decode()}", "Acme"),
    ],
)
def test_good_credentials_pass_by_one_call_that_changes_nothing(
    platform: str, authorization: str, account: str
) -> None:
    with LoopbackVendor({CALL[platform]: (200, GOOD[platform])}) as vendor:
        assert check(vendor, platform) == Passed(account)
        [asked] = vendor.asked
    assert asked.headers["authorization"] == authorization


@pytest.mark.parametrize(
    ("platform", "status", "field"),
    [
        ("sendgrid", 401, "apiKey"),
        ("sendgrid", 403, "apiKey"),
        ("mailgun", 401, "apiKey"),
        ("mailgun", 404, "domain"),
        ("twilio", 401, "authToken"),
        ("twilio", 404, "accountSid"),
    ],
)
def test_wrong_credentials_name_the_field(platform: str, status: int, field: str) -> None:
    with LoopbackVendor({CALL[platform]: (status, {"message": f"no, not {SECRET}"})}) as vendor:
        assert check(vendor, platform) == Refused(field, "no, not [secret]")


@pytest.mark.parametrize(
    ("platform", "told", "expected"),
    [
        ("sendgrid", {"scopes": ["stats.read"]}, Refused("apiKey", "the key lacks the permission Mail Send")),
        ("mailgun", {"domain": {"state": "unverified"}}, Refused("domain", "the domain is unverified, not active")),
        ("twilio", {"status": "suspended"}, Refused("accountSid", "the account is suspended, not active")),
    ],
)
def test_credentials_that_could_not_send_are_refused(platform: str, told: Any, expected: Refused) -> None:
    with LoopbackVendor({CALL[platform]: (200, told)}) as vendor:
        assert check(vendor, platform) == expected


@pytest.mark.parametrize("platform", CALL)
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (500, "the vendor answered 500"),
        (429, "the vendor answered 429"),
        (302, "the vendor answered 302"),
        (0, "the connection to the vendor was lost before its answer"),
    ],
)
def test_other_answers_tell_nothing_of_the_credentials(platform: str, status: int, reason: str) -> None:
    with LoopbackVendor({CALL[platform]: (status, {})}) as vendor:
        assert check(vendor, platform) == Unreachable(reason)


@pytest.mark.parametrize("platform", CALL)
def test_nobody_there_tells_nothing_either(platform: str) -> None:
    with LoopbackVendor({}) as vendor:
        gone = vendor.url
    verdict = checks(gone, platform).check(platform_of(platform), Secrets(GIVEN[platform]))
    assert verdict == Unreachable("no connection to the vendor: NewConnectionError")


@pytest.mark.parametrize("told", [[], "text", None, {"errors": "x"}, {"scopes": None, "domain": None}])
@pytest.mark.parametrize("platform", CALL)
def test_a_strange_answer_is_no_success(platform: str, told: Any) -> None:
    with LoopbackVendor({CALL[platform]: (200, told)}) as vendor:
        assert isinstance(check(vendor, platform), Refused | Unreachable)


@pytest.mark.parametrize("platform", OAUTH)
def test_an_apps_credentials_are_tried_by_a_code_that_nobody_gave_out(platform: str) -> None:
    oauth = platform_of(platform).oauth
    assert oauth is not None
    told = {"error": {"code": 100}} if platform in ("facebook", "instagram", "meta-ads") else {"error": "invalid_grant"}
    with LoopbackVendor({f"POST {oauth.token_path}": (400, told)}) as vendor:
        assert check(vendor, platform, Secrets(APP)) == Passed()
        [asked] = vendor.asked
    assert asked.form["redirect_uri"] == f"https://t.example.com/{platform}"
    basic = f"Basic {b64encode(f'client123:{SECRET}'.encode()).decode()}"
    assert (asked.form.get("client_secret"), asked.headers.get("authorization")) == (
        (None, basic) if oauth.basic else (SECRET, None)
    )


@pytest.mark.parametrize(
    ("platform", "status", "told", "field"),
    [
        ("linkedin", 401, {"error": "invalid_client"}, "clientSecret"),
        ("google-ads", 401, {"error": "invalid_client"}, "clientSecret"),
        ("x", 401, {"error": "unauthorized_client"}, "clientSecret"),
        ("facebook", 400, {"error": {"code": 1, "message": "Error validating client secret."}}, "clientSecret"),
        ("meta-ads", 400, {"error": {"code": 101, "message": "Error validating application."}}, "clientId"),
    ],
)
def test_wrong_credentials_of_an_app_name_the_field(platform: str, status: int, told: Any, field: str) -> None:
    oauth = platform_of(platform).oauth
    assert oauth is not None
    with LoopbackVendor({f"POST {oauth.token_path}": (status, told)}) as vendor:
        verdict = check(vendor, platform, Secrets(APP))
    assert isinstance(verdict, Refused)
    assert verdict.field == field


@pytest.mark.parametrize("platform", CONSENT_CALL)
def test_a_consent_that_ended_is_refused_without_naming_a_field(platform: str) -> None:
    with LoopbackVendor({CONSENT_CALL[platform]: (401, {"message": f"{SECRET}-token ended"})}) as vendor:
        verdict = check(vendor, platform, Secrets(APP, Tokens(f"{SECRET}-token")))
    assert isinstance(verdict, Refused)
    assert verdict.field == ""
    assert SECRET not in verdict.reason


def test_x_tells_whose_token_it_is() -> None:
    told = {"data": {"id": "1", "name": "Acme", "username": "acme"}}
    with LoopbackVendor({CONSENT_CALL["x"]: (200, told)}) as vendor:
        assert check(vendor, "x", Secrets(APP, Tokens("t"))) == Passed("@acme")
        [asked] = vendor.asked
    assert asked.headers["authorization"] == "Bearer t"


def test_meta_is_told_that_it_is_our_app() -> None:
    replies = {"GET /v25.0/me": (200, {"id": "1", "name": "Ann"}), "GET /v25.0/me/accounts": (200, {"data": []})}
    with LoopbackVendor(replies) as vendor:
        assert check(vendor, "facebook", Secrets(APP, Tokens("t"))) == Passed("Ann")
    proof = hmac.digest(SECRET.encode(), b"t", "sha256").hex()
    assert {asked.query["appsecret_proof"] for asked in vendor.asked} == {proof}


def test_what_no_header_can_carry_is_refused() -> None:
    with LoopbackVendor({}) as vendor:
        verdict = check(vendor, "x", Secrets(APP, Tokens("t\r\nx: y")))
        assert vendor.asked == []
    assert verdict == Refused("", "the credentials hold characters that no header can carry")


def test_where_everything_is_logged_secrets_are_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for platform in CALL:
        with LoopbackVendor({CALL[platform]: (401, {"message": SECRET})}) as vendor:
            check(vendor, platform)
    with LoopbackVendor({"POST /2/oauth2/token": (401, {"error": "invalid_client"})}) as vendor:
        check(vendor, "x", Secrets(APP))
    assert SECRET not in caplog.text


def test_data_regions_have_their_own_addresses() -> None:
    assert mail_origin("sendgrid", {"region": "us"}) == "https://api.sendgrid.com"
    assert mail_origin("sendgrid", {"region": "eu"}) == "https://api.eu.sendgrid.com"
    assert mail_origin("mailgun", {"region": "us"}) == "https://api.mailgun.net"
    assert mail_origin("mailgun", {"region": "eu"}) == "https://api.eu.mailgun.net"


AWS_CHECKS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sesv2": (check_ses, {"SendingEnabled": True, "ProductionAccessEnabled": True}),
    "pinpoint-sms-voice-v2": (check_sms, {"AccountAttributes": [{"Name": "ACCOUNT_TIER", "Value": "PRODUCTION"}]}),
}


@pytest.mark.parametrize("service", AWS_CHECKS)
def test_aws_keys_are_tried_by_reading_the_account(service: str) -> None:
    act, good = AWS_CHECKS[service]
    client = client_of(service, AWS)
    aws = ModelledAws(client, [good])
    assert act(client, AWS) == Passed("eu-west-1")
    assert (aws.problems, aws.attempts) == ([], 1)


@pytest.mark.parametrize("service", AWS_CHECKS)
@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("UnrecognizedClientException", 403, Refused("accessKeyId", "AWS does not know this access key")),
        ("InvalidSignatureException", 403, Refused("secretAccessKey", "it does not belong to this access key")),
        ("TooManyRequestsException", 429, Unreachable("AWS answered TooManyRequestsException")),
        ("InternalFailure", 500, Unreachable("AWS answered InternalFailure")),
    ],
)
def test_what_aws_has_against_them(service: str, code: str, status: int, expected: Verdict) -> None:
    client = client_of(service, AWS)
    aws = ModelledAws(client, [Refusal(status, code)])
    assert AWS_CHECKS[service][0](client, AWS) == expected
    assert aws.attempts == 1


@pytest.mark.parametrize("service", AWS_CHECKS)
def test_a_key_without_permission_names_the_operation(service: str) -> None:
    client = client_of(service, AWS)
    ModelledAws(client, [Refusal(403, "AccessDeniedException")])
    verdict = AWS_CHECKS[service][0](client, AWS)
    operation = "GetAccount" if service == "sesv2" else "DescribeAccountAttributes"
    assert verdict == Refused("accessKeyId", f"the key lacks the permission for {operation}")


def test_a_sandbox_is_told_and_a_paused_account_refused() -> None:
    client = client_of("sesv2", AWS)
    aws = ModelledAws(client, [{"SendingEnabled": True, "ProductionAccessEnabled": False}])
    assert check_ses(client, AWS) == Passed("eu-west-1 (sandbox)")
    aws.script({"SendingEnabled": False})
    assert isinstance(check_ses(client, AWS), Refused)
    client = client_of("pinpoint-sms-voice-v2", AWS)
    ModelledAws(client, [{"AccountAttributes": [{"Name": "ACCOUNT_TIER", "Value": "SANDBOX"}]}])
    assert check_sms(client, AWS) == Passed("eu-west-1 (sandbox)")


def test_the_organisations_keys_are_used_and_not_the_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the function's")
    credentials = client_of("sesv2", AWS)._request_signer._credentials
    assert (credentials.access_key, credentials.secret_key, credentials.token) == (AWS["accessKeyId"], SECRET, None)
