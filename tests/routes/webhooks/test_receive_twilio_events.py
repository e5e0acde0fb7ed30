"""What Twilio tells of text messages, and what people write back."""

from base64 import b64encode
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from clarion import clock, keys, settings
from clarion.channels.twilio import REPEATING
from clarion.domain.engagement import MessageRef
from clarion.storage.phones import PhoneTable
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.table import Table
from tests.channels.test_twilio_signature import sample
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered, load_handler
from tests.routes.webhooks.social import connect

TOKEN, ACCOUNT = "12345678901234567890", "AC" + "a" * 32  # whose the samples are
PUBLIC = "https://t.example.com"
MESSAGE = MessageRef(ACME, "ann", "k", 1, "1", "sms")
IDS = {"org": ACME, "contact": "ann", "campaign": "k", "run": "1", "step": "1"}
REFUSED = "not a request of a platform that is connected here"
PHONE = "+15558675310"


@pytest.fixture
def texts(table: Table, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Acme has connected Twilio, and one message went to the phone of the samples."""
    run_inserts(monkeypatch)
    monkeypatch.setenv("SECRETS_PREFIX", "clarion/test")
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)
    connect("twilio", accountSid=ACCOUNT, authToken=TOKEN, sender="MG" + "a" * 32)
    PhoneTable(table).remember({PHONE: MESSAGE}, clock.now())
    return table


def call(
    form: dict[str, str],
    ids: dict[str, str] | None = None,
    org: str = ACME,
    *,
    token: str = TOKEN,
    base: str = PUBLIC,
    fragment: str = "",
    **event: Any,
) -> Answered:
    """A callback as Twilio makes it, to the address at ``base`` that it signs, and as API Gateway hands it over."""
    path, query = f"/connect/webhooks/twilio/{org}", urlencode(ids or {})
    url = f"{base}{path}?{query}" if query else f"{base}{path}"
    signature = RequestValidator(token).compute_signature(url + fragment, form)
    request = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"org_id": org},
        "body": b64encode(urlencode(form).encode()).decode(),
        "isBase64Encoded": True,
        **event,
    }
    answer = load_handler("webhooks", "receive_twilio_events")(request, SimpleNamespace(function_name="f"))
    return Answered(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))


def status(name: str, **changes: str) -> dict[str, str]:
    return {**sample(f"status_{name}")["payload"], **changes}


def inbound(body: str = "STOP", **changes: str) -> dict[str, str]:
    """A message to us; without Twilio's own opinion of it."""
    form = {**sample("inbound_stop")["payload"], "Body": body, **changes}
    return {name: value for name, value in form.items() if name != "OptOutType" or "OptOutType" in changes}


def kept(table: Table, org: str = ACME) -> list[dict[str, Any]]:
    return list(table.query_all(keys.person_pk(org, "ann"), "EVENT#"))


def kinds(table: Table) -> list[tuple[str, str | None]]:
    return [(row["kind"], row.get("bounce_type")) for row in kept(table)]


def is_suppressed(table: Table, org: str = ACME) -> bool:
    return SuppressionTable(table).find(org, "sms", PHONE) is not None


@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("delivered", [("delivery", None)]),
        ("undelivered", [("bounce", "hard")]),
        ("failed", [("bounce", "soft")]),
        ("sent", []),
        ("queued", []),
    ],
)
def test_what_became_of_a_message_is_kept(texts: Table, name: str, recorded: list[Any]) -> None:
    answer = call(status(name), IDS)
    assert (answer.status, answer.text) == (204, "")
    assert kinds(texts) == recorded


def test_a_callback_told_again_is_one_event(texts: Table) -> None:
    for _ in range(3):
        assert call(status("delivered"), IDS).status == 204
    assert len(kept(texts)) == 1


def test_an_opt_out_that_twilio_finds_late_is_an_unsubscribe(texts: Table) -> None:
    call(status("failed", ErrorCode="21610"), IDS)
    assert kinds(texts) == [("unsubscribe", None)]


def test_a_stop_suppresses_and_a_start_takes_it_back(texts: Table) -> None:
    assert call(inbound("Stop.")).status == 204
    assert is_suppressed(texts)
    assert kinds(texts) == [("unsubscribe", None)]
    assert call(inbound("START", MessageSid="SM" + "c" * 32)).status == 204
    assert not is_suppressed(texts)


def test_what_twilio_says_of_a_text_goes_before_its_words(texts: Table) -> None:
    call(inbound("genug davon", OptOutType="STOP"))
    assert is_suppressed(texts)


def test_a_reply_is_kept_with_its_words(texts: Table) -> None:
    for _ in range(2):
        assert call(inbound("Ja, gern – bis später 🙂")).status == 204
    [row] = kept(texts)
    assert (row["kind"], row["text"], row["msg"]) == ("reply", "Ja, gern – bis später 🙂", "MSG#k#0001#1#sms")
    assert not is_suppressed(texts)


def test_a_number_nobody_wrote_to_may_opt_out_too(texts: Table) -> None:
    assert call(inbound("STOP", From="+12065550101")).status == 204
    assert SuppressionTable(texts).find(ACME, "sms", "+12065550101") is not None
    assert call(inbound("Hello?", From="+12065550101", MessageSid="SM1")).status == 204
    assert kept(texts) == []


@pytest.mark.parametrize("fragment", ["", REPEATING])
def test_the_signature_may_cover_what_follows_the_callbacks_address(texts: Table, fragment: str) -> None:
    assert call(status("delivered"), IDS, fragment=fragment).status == 204
    assert len(kept(texts)) == 1


@pytest.mark.parametrize("base", ["https://x1.execute-api.eu-west-1.amazonaws.com/prod", "https://news.shop.example/c"])
def test_the_path_of_the_public_address_is_there_once(texts: Table, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", base)
    settings.settings.cache_clear()
    arrives = "/prod/connect/webhooks/twilio/" + ACME
    assert call(status("delivered"), IDS, base=base, rawPath=arrives).status == 204
    assert len(kept(texts)) == 1


def test_without_a_public_address_it_is_the_apis_own(texts: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "")
    settings.settings.cache_clear()
    host = "x1.execute-api.eu-west-1.amazonaws.com"
    form = status("delivered")
    url = f"https://{host}/connect/webhooks/twilio/{ACME}?{urlencode(IDS)}"
    headers = {"host": host, "x-twilio-signature": RequestValidator(TOKEN).compute_signature(url, form)}
    assert call(form, IDS, headers=headers).status == 204
    assert len(kept(texts)) == 1


def test_ids_of_another_organisation_are_not_recorded(texts: Table) -> None:
    assert call(status("delivered"), {**IDS, "org": GLOBEX}).status == 204
    assert kept(texts) == kept(texts, GLOBEX) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "another-token-altogether"},
        {"org": GLOBEX},
        {"org": "01J00000000000000000000N0B"},
        {"base": "https://elsewhere.example"},
        {"form": status("delivered", AccountSid="AC" + "b" * 32)},
        {"form": {"MessageStatus": "delivered"}},
        {"headers": {}},
    ],
    ids=["signature", "not connected", "no such organisation", "address", "account", "no account", "no signature"],
)
def test_what_is_not_the_accounts_is_refused_alike(texts: Table, wrong: dict[str, Any]) -> None:
    if "org" in wrong:
        wrong = {**wrong, "ids": {**IDS, "org": wrong["org"]}}
    answer = call(**{"form": status("delivered"), "ids": IDS, **wrong})
    assert (answer.status, answer.json["detail"]) == (403, REFUSED)
    assert kept(texts) == []


@pytest.mark.parametrize("form", [inbound(From=""), inbound(MessageSid=""), status("delivered", MessageSid="")])
def test_a_callback_that_lacks_what_twilio_documents_is_400(texts: Table, form: dict[str, str]) -> None:
    assert call(form, IDS).status == 400
    assert kept(texts) == []


@pytest.mark.parametrize("form", [status("delivered"), inbound("STOP"), inbound("Hello")])
def test_nothing_is_acknowledged_that_could_not_be_kept(
    texts: Table, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("the table does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(Table, "insert_absent", fail)
        answer = call(form, IDS)
        assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert call(form, IDS).status == 204
    assert len(kept(texts)) == 1
