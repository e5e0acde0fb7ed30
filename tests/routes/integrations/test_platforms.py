"""Connecting platforms over HTTP events."""

import logging
from typing import Any

import pytest

from clarion import keys, wiring
from clarion.domain.mail import Mailbox
from clarion.domain.outcomes import Accepted, Stop
from clarion.domain.platforms import PLATFORMS
from clarion.storage.table import Table
from tests.channels.mails import a_mail
from tests.channels.vendor_server import LoopbackVendor
from tests.routes.conftest import ACME, EDITOR, OWNER, STRANGER, VIEWER
from tests.routes.integrations.conftest import PREFIX, SECRET, Vault, start_anew
from tools.openapi import operations

ADMIN = "u-admin"
SENDGRID = {"credentials": {"apiKey": SECRET}}
TWILIO = {"credentials": {"accountSid": "AC" + "0" * 32, "authToken": SECRET, "sender": "+15005550006"}}


@pytest.fixture(autouse=True)
def _connected(vault: Vault, people: None, table: Table) -> None:
    member = {"user_id": ADMIN, "org_id": ACME, "role": "admin", "email": "u-admin@example.com"}
    member |= {"joined_at": "2026-01-01T00:00:00.000Z", "organisation": ACME}
    table.put({**keys.member(ACME, ADMIN), **member})
    table.put({**keys.membership(ADMIN, ACME), **member})


def connect(call: Any, platform: str = "sendgrid", body: Any = SENDGRID, **how: Any) -> Any:
    return call("integrations", "connect_platform", path={"platform": platform}, body=body, **how)


def get(call: Any, platform: str = "sendgrid", **how: Any) -> Any:
    return call("integrations", "get_platform", path={"platform": platform}, **how)


def disconnect(call: Any, platform: str = "sendgrid", **how: Any) -> Any:
    return call("integrations", "disconnect_platform", path={"platform": platform}, **how)


def check(call: Any, platform: str = "sendgrid", **how: Any) -> Any:
    return call("integrations", "check_platform", path={"platform": platform}, **how)


def listed(call: Any, **how: Any) -> dict[str, Any]:
    answer = call("integrations", "list_platforms", **how)
    assert answer.status == 200
    assert answer.json["next"] is None
    return {each["id"]: each for each in answer.json["items"]}


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


@pytest.mark.parametrize("user", [OWNER, ADMIN, EDITOR, VIEWER])
def test_everybody_sees_every_platform_and_the_deployments_mail_as_connected(call: Any, user: str) -> None:
    platforms = listed(call, user=user)
    assert len(platforms) == 12
    assert [name for name, each in platforms.items() if each["connected"]] == ["ses"]
    ses = platforms["ses"]
    assert (ses["byDeployment"], ses["inUse"], ses["status"]) == (True, True, "connected")
    assert platforms["x"]["status"] == "not_connected"


def test_a_platform_tells_what_it_takes_to_connect_it(call: Any) -> None:
    platform = get(call, "x").json
    assert platform["consent"] is True
    assert platform["limits"]
    assert platform["fields"] == [
        {"name": "clientId", "label": "OAuth 2.0 client id", "secret": False, "required": True, "hint": ""},
        {"name": "clientSecret", "label": "OAuth 2.0 client secret", "secret": True, "required": True, "hint": ""},
        {
            "name": "webhookSecret",
            "label": "API key secret (consumer secret), for webhooks",
            "secret": True,
            "required": False,
            "hint": "",
        },
    ]


def test_a_platform_tells_where_to_report_what_became_of_messages(call: Any) -> None:
    urls = {name: each["webhookUrl"] for name, each in listed(call).items()}
    assert {
        name: url and url.removeprefix("https://t.example.com/connect/webhooks/") for name, url in urls.items()
    } == {
        "ses": f"ses/{ACME}",
        "smtp": None,
        "sendgrid": f"sendgrid/{ACME}",
        "mailgun": f"mailgun/{ACME}",
        "aws-sms": f"aws-sms/{ACME}",
        "twilio": f"twilio/{ACME}",
        "facebook": f"meta/{ACME}",
        "instagram": f"meta/{ACME}",
        "linkedin": None,
        "x": f"x/{ACME}",
        "meta-ads": None,
        "google-ads": None,
    }
    assert get(call).json["webhookUrl"] == connect(call).json["webhookUrl"] == check(call).json["webhookUrl"]


def test_every_address_to_report_to_is_a_route() -> None:
    names = {platform.webhook for platform in PLATFORMS.values()} - {""}
    routes = {operation.path for _, operation in operations() if operation.method == "POST"}
    assert {f"/connect/webhooks/{name}/{{org_id}}" for name in names} <= routes


@pytest.mark.parametrize("user", [OWNER, ADMIN])
def test_owners_and_admins_connect(call: Any, vault: Vault, user: str) -> None:
    answer = connect(call, user=user)
    assert answer.status == 200
    assert (answer.json["connected"], answer.json["status"], answer.json["inUse"]) == (True, "connected", True)
    assert answer.json["details"] == {"region": "us"}
    assert answer.json["health"]["lastError"] == ""
    [(name, text)] = vault.texts().items()
    assert name == f"{PREFIX}/{ACME}/sendgrid"
    assert SECRET in text
    assert not listed(call)["ses"]["inUse"]


@pytest.mark.parametrize("user", [EDITOR, VIEWER])
def test_editors_and_viewers_connect_nothing(call: Any, vault: Vault, user: str) -> None:
    for act in (connect, disconnect, check):
        assert act(call, user=user).status == 403
    answer = call("integrations", "authorize_platform", path={"platform": "x"}, user=user)
    assert answer.status == 403
    assert vault.texts() == {}


def test_nobody_does_anything_without_signing_in(call: Any) -> None:
    for act in (connect, get, disconnect, check):
        assert act(call, user=None).status == 401


def test_no_answer_row_or_log_line_holds_a_secret(
    call: Any, table: Table, dynamodb: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [connect(call), connect(call), get(call), check(call), call("integrations", "list_platforms")]
    seen += [connect(call, body={"credentials": {"apiKey": SECRET, "pin": SECRET}})]
    seen += [connect(call, body={"credentials": {"apiKey": [SECRET]}}), connect(call, body={"key": SECRET})]
    seen += [connect(call, "twilio", {"credentials": {"accountSid": SECRET, "authToken": SECRET, "sender": "+1"}})]
    seen += [connect(call, headers={"idempotency-key": "once"}), disconnect(call)]
    assert [answer.status for answer in seen] == [200] * 5 + [400] * 4 + [200, 204]
    assert not any(SECRET in answer.text + str(answer.headers) for answer in seen)
    assert SECRET not in str(dynamodb.scan(TableName="clarion-test")["Items"])
    assert SECRET not in caplog.text


def test_no_digest_of_credentials_is_kept_for_who_repeats_a_request(call: Any, vault: Vault, dynamodb: Any) -> None:
    once = {"idempotency-key": "once"}
    assert connect(call, headers=once).status == 200
    assert connect(call, body={"credentials": {"apiKey": "SG.the-next-key-0123456789"}}, headers=once).status == 200
    assert "the-next-key" in str(vault.texts())
    rows = [item["pk"]["S"] for item in dynamodb.scan(TableName="clarion-test")["Items"]]
    assert not any(pk.startswith("IDEMPOTENCY#") for pk in rows)


@pytest.mark.parametrize(
    ("platform", "body", "field"),
    [
        ("sendgrid", {}, "body.credentials"),
        ("sendgrid", {"credentials": {}}, "body.credentials.apiKey"),
        ("sendgrid", {"credentials": {"apiKey": 5}}, "body.credentials.apiKey"),
        ("sendgrid", {"credentials": {"apiKey": SECRET, "pin": "1"}}, "body.credentials.pin"),
        ("twilio", {"credentials": {**TWILIO["credentials"], "accountSid": "x"}}, "body.credentials.accountSid"),
        ("sendgrid", {**SENDGRID, "colour": "red"}, "body.colour"),
    ],
)
def test_bad_credentials_name_their_field(call: Any, vault: Vault, platform: str, body: Any, field: str) -> None:
    answer = connect(call, platform, body)
    assert (answer.status, fields(answer)) == (400, [field])
    assert vault.texts() == {}


def test_what_the_vendor_refuses_is_422_naming_the_field(call: Any, vault: Vault, monkeypatch: Any) -> None:
    with LoopbackVendor({"GET /v3/scopes": (401, {"errors": [{"message": "authorization required"}]})}) as strict:
        monkeypatch.setenv("VENDOR_URLS", f"sendgrid={strict.url}")
        answer = connect(call)
    assert (answer.status, fields(answer)) == (422, ["body.credentials.apiKey"])
    assert answer.json["detail"] == "Twilio SendGrid refuses these credentials: authorization required"
    assert (vault.texts(), get(call).json["status"]) == ({}, "not_connected")


def test_a_vendor_out_of_reach_is_said_and_nothing_kept(call: Any, vault: Vault, monkeypatch: Any) -> None:
    with LoopbackVendor({}) as gone:
        pass
    monkeypatch.setenv("VENDOR_URLS", f"sendgrid={gone.url}")
    answer = connect(call)
    assert answer.status == 422
    assert "could not be asked, so nothing was kept" in answer.json["detail"]
    assert (vault.texts(), get(call).json["status"]) == ({}, "not_connected")


@pytest.mark.parametrize("act", [connect, get, disconnect, check])
def test_an_unknown_platform_is_404(call: Any, act: Any) -> None:
    assert act(call, "myspace").status == 404


def test_disconnecting_forgets_the_secret(call: Any, vault: Vault) -> None:
    connect(call)
    assert disconnect(call).status == 204
    assert vault.texts() == {}
    assert get(call).json["status"] == "not_connected"
    assert disconnect(call).status == 404


def test_another_organisation_has_none_of_it(call: Any, vault: Vault) -> None:
    connect(call)
    assert get(call, user=STRANGER).json["status"] == "not_connected"
    assert not listed(call, user=STRANGER)["sendgrid"]["connected"]
    for act in (disconnect, check):
        assert act(call, user=STRANGER).status == 404
        assert act(call, user=STRANGER, org=ACME).status == 403
    assert list(vault.texts()) == [f"{PREFIX}/{ACME}/sendgrid"]


def test_a_check_notes_that_a_key_was_revoked(call: Any, monkeypatch: Any) -> None:
    connect(call)
    with LoopbackVendor({"GET /v3/scopes": (401, {"errors": [{"message": "revoked"}]})}) as strict:
        monkeypatch.setenv("VENDOR_URLS", f"sendgrid={strict.url}")
        start_anew()
        answer = check(call)
    assert answer.status == 200
    assert answer.json["health"]["lastError"] == "revoked"
    assert answer.json["health"]["lastErrorAt"] == answer.json["health"]["lastCheckAt"]


def test_new_credentials_reach_workers_as_a_new_adapter(call: Any) -> None:
    connect(call)
    first = wiring.channel_for(ACME, "email")
    assert first.platform == "sendgrid"
    assert wiring.channel_for(ACME, "email").adapter is first.adapter
    connect(call, body={"credentials": {"apiKey": "SG.the-next-key-0123456789"}})
    assert wiring.channel_for(ACME, "email").adapter is first.adapter, "up to a minute"
    wiring.connected_platforms().forget(ACME)
    assert wiring.channel_for(ACME, "email").adapter is not first.adapter


def test_text_messages_leave_from_the_connections_sender(call: Any) -> None:
    connect(call, "twilio", TWILIO)
    found = wiring.channel_for(ACME, "sms")
    assert (found.platform, found.sender) == ("twilio", "+15005550006")


def test_what_is_sent_by_an_organisations_own_platform_shows_in_its_health(call: Any, monkeypatch: Any) -> None:
    connect(call)
    answers: list[Any] = [(202, {}), (401, {"errors": [{"message": "the key was revoked"}]})]
    with LoopbackVendor({"POST /v3/mail/send": answers}) as vendor:
        monkeypatch.setenv("VENDOR_URLS", f"sendgrid={vendor.url}")
        start_anew()
        adapter = wiring.channel_for(ACME, "email").adapter
        assert isinstance(adapter.send([a_mail()])[0], Accepted)
        health = get(call).json["health"]
        assert (health["lastUsedAt"] is not None, health["lastError"]) == (True, "")
        assert isinstance(adapter.send([a_mail()])[0], Stop)
        assert "revoked" in get(call).json["health"]["lastError"]


def test_who_connected_no_mail_uses_the_deployments(vault: Vault, monkeypatch: Any) -> None:
    monkeypatch.setenv("EMAIL_CHANNEL", "null")
    monkeypatch.setenv("EMAIL_FROM", "news@shop.example")
    platform, adapter, _ = wiring.channel_for(ACME, "email")
    assert platform == ""
    [sent, refused] = adapter.send([a_mail(sender=Mailbox(f"a@{host}")) for host in ("shop.example", "victim.example")])
    assert isinstance(sent, Accepted)
    assert isinstance(refused, Stop), "as which the deployment's account could send, too"


@pytest.mark.parametrize("platform", [None, "facebook"])
def test_without_a_social_platform_there_are_no_profiles(call: Any, platform: str | None) -> None:
    answer = profiles(call, platform)
    assert (answer.status, answer.json) == (200, {"items": [], "next": None})


@pytest.mark.parametrize("platform", ["sendgrid", "myspace"])
def test_what_is_no_social_platform_has_no_profiles(call: Any, platform: str) -> None:
    assert profiles(call, platform).status == 404


def profiles(call: Any, platform: str | None) -> Any:
    if platform is None:
        return call("integrations", "list_social_profiles")
    return call("integrations", "list_platform_profiles", path={"platform": platform})
