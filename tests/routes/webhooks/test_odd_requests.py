"""Whatever a vendor, or anybody else, writes to a webhook: it is kept, passed over or refused, and never an error of
ours."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from clarion import clock
from clarion.domain.engagement import MessageRef
from clarion.storage.phones import PhoneTable
from clarion.storage.table import Table
from tests.channels.sns import TOPIC, certificate, envelope, signed
from tests.channels.test_ses_events import sample as ses_sample
from tests.channels.test_ses_events_malformed import paths
from tests.channels.test_twilio_signature import sample as twilio_sample
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, Answered
from tests.routes.webhooks.mail_vendors import OURS, SIGNING_KEY, SendGridAccount, mailgun_signature
from tests.routes.webhooks.social import ask, connect, digest, publish
from tests.shared_data import shared_root

PUBLIC = "https://t.example.com"
SECRET, WEBHOOK_SECRET, TOKEN, ACCOUNT = "app-secret", "consumer-secret", "t" * 32, "AC" + "a" * 32
PAGE, POST, PHONE = "1067280970047460", "1067280970047460_1067280970047461", "+15558675310"
SENDGRID = SendGridAccount()
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 1e308, 10**400, float("nan"), float("inf"), 4_102_444_800_000, "", "7", "nonsense",
    "\ud800", "\x00", "#", "x" * 5_000, [], {}, [None], [[[]]], {"a": {"b": 1}}, "0001-01-01T00:00:00+14:00",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NO_EVENTS = ["", "null", "7", '"', "[]", "{}", "[1]", "[" * 100_000, '{"a":' * 100_000, "9" * 5_000, "NaN"]
ROUTES = [f"receive_{vendor}_events" for vendor in ("sendgrid", "mailgun", "meta", "x", "ses", "aws_sms", "twilio")]
HEADERS = [
    "content_type", "x_hub_signature_256", "x_twitter_webhooks_signature", "x_twilio_signature",
    "x_twilio_email_event_webhook_signature", "x_twilio_email_event_webhook_timestamp",
]  # fmt: skip
FIELDS = [
    "AccountSid", "MessageSid", "MessageStatus", "ErrorCode", "SmsStatus", "Body", "From", "To", "OptOutType",
    "MessagingServiceSid",
]  # fmt: skip
TAKEN, REFUSED = {200, 204}, {400, 403, 406}


def payload(name: str) -> Any:
    return json.loads(shared_root(f"webhooks/{name}.json").read_text())["payload"]


def sendgrid(body: str) -> Answered:
    headers: dict[str, Any] = SENDGRID.headers(body.encode(), clock.now())
    return ask("receive_sendgrid_events", body=body, **headers)


def mailgun(body: str) -> Answered:
    return ask("receive_mailgun_events", body=body, content_type="application/json")


def meta(body: str) -> Answered:
    return ask("receive_meta_events", body=body, x_hub_signature_256=f"sha256={digest(body, SECRET).hex()}")


def x(body: str) -> Answered:
    signature = f"sha256={b64encode(digest(body, WEBHOOK_SECRET)).decode()}"
    return ask("receive_x_events", body=body, x_twitter_webhooks_signature=signature)


def ses(body: str) -> Answered:
    return ask("receive_ses_events", body=signed(envelope(body, clock.now())).decode())


def aws_sms(body: str) -> Answered:
    return ask("receive_aws_sms_events", body=signed(envelope(body, clock.now())).decode())


def _mailgun_document() -> Any:
    event = {"event": "delivered", "id": "id-1", "timestamp": clock.now().timestamp(), "user-variables": OURS}
    signature = mailgun_signature(str(int(clock.now().timestamp())), token=uuid4().hex)
    return {"signature": signature, "event-data": {**payload("mailgun_delivered")["event-data"], **event}}


def _ses_document() -> Any:
    event = ses_sample("bounce")
    return {**event, "mail": {**event["mail"], "tags": {name: [value] for name, value in OURS.items()}}}


def _aws_document() -> Any:
    return {**payload("aws_sms_text_successful"), "context": OURS}


def _written_document() -> Any:
    return {
        "originationNumber": PHONE, "destinationNumber": "+12065550199", "messageKeyword": "K", "messageBody": "STOP",
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
    }  # fmt: skip


def _feed_document() -> Any:
    value = {"from": {"id": "5"}, "post_id": POST, "verb": "add", "created_time": 1_795_251_600}
    comment = {**value, "item": "comment", "comment_id": f"{POST}_7", "message": "Lovely"}
    changes = [{"field": "feed", "value": comment}]
    return {"object": "page", "entry": [{"id": PAGE, "time": 1_795_251_700, "changes": changes}]}


def _comments_document() -> Any:
    value = {"id": "17", "media": {"id": "18"}, "text": "Lovely", "from": {"id": "5"}}
    changes = [{"field": "comments", "value": value}]
    return {"object": "instagram", "entry": [{"id": PAGE, "time": 1_795_251_700, "changes": changes}]}


def _x_document() -> Any:
    user, us = {"id_str": "5"}, "2244994945"
    reply = {"id_str": "71", "created_at": "Sat Nov 21 10:00:00 +0100 2026", "text": "Hm", "user": user}
    reply |= {"in_reply_to_user_id_str": us, "in_reply_to_status_id_str": "70"}
    like = {"id": "f1", "timestamp_ms": 1_795_251_600_000, "favorited_status": {"id_str": "70", "user": {"id_str": us}}}
    return {"for_user_id": us, "tweet_create_events": [reply], "favorite_events": [like]}


DOCUMENTS: dict[str, tuple[Callable[[], Any], Callable[[str], Answered]]] = {
    "sendgrid": (lambda: [{**each, **OURS} for each in payload("sendgrid_all_events_example")[:4]], sendgrid),
    "mailgun": (_mailgun_document, mailgun),
    "meta feed": (_feed_document, meta),
    "meta comments": (_comments_document, meta),
    "x": (_x_document, x),
    "ses": (_ses_document, ses),
    "aws-sms": (_aws_document, aws_sms),
    "aws-sms written": (_written_document, aws_sms),
}


@pytest.fixture
def connected(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acme has connected everything, has posted, and has sent a text."""
    run_inserts(monkeypatch)
    monkeypatch.setenv("SECRETS_PREFIX", "clarion/test")
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)
    monkeypatch.setattr("clarion.channels.sns_http.SnsHttp.certificate", lambda *_: certificate(clock.now()))
    connect("sendgrid", apiKey="SG.key", webhookKey=SENDGRID.webhook_key)
    connect("mailgun", apiKey="key", domain="shop.example", webhookKey=SIGNING_KEY)
    connect("facebook", PAGE, clientSecret=SECRET)
    connect("instagram", PAGE, clientSecret=SECRET)
    connect("x", "2244994945", webhookSecret=WEBHOOK_SECRET)
    for platform in ("ses", "aws-sms"):
        connect(platform, region="eu-west-1", accessKeyId="AKIA", secretAccessKey="s", topicArn=TOPIC)
    connect("twilio", accountSid=ACCOUNT, authToken=TOKEN, sender="MG" + "a" * 32)
    publish(table, "facebook", PAGE, POST)
    publish(table, "instagram", PAGE, "18")
    publish(table, "x", "2244994945", "70")
    PhoneTable(table).remember({PHONE: MessageRef(ACME, "ann", "k", 1, "1", "sms")}, clock.now())


@pytest.mark.parametrize("vendor", DOCUMENTS)
def test_what_is_signed_and_odd_is_no_error(vendor: str, connected: None) -> None:
    document, tell = DOCUMENTS[vendor]
    assert tell(json.dumps(document())).status in TAKEN

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(list(paths(document()))), st.sampled_from(ODD) | JSON)
    def odd(path: tuple[Any, ...], value: Any) -> None:
        changed = inner = json.loads(json.dumps(document()))
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        assert tell(json.dumps(changed)).status in TAKEN | REFUSED

    odd()
    assert {tell(body).status for body in NO_EVENTS} <= TAKEN | REFUSED


@pytest.mark.parametrize("route", ROUTES)
def test_what_nobody_signed_is_refused_without_being_an_error(route: str, connected: None) -> None:
    @settings(max_examples=30, deadline=None)
    @given(st.sampled_from(NO_EVENTS) | st.text(), st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=50)))
    def unsigned(body: str, headers: dict[str, Any]) -> None:
        answer = ask(route, body=body, **headers)
        assert (answer.status, "connected here" in answer.text) == (403, True)

    unsigned()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["status_delivered", "status_failed", "inbound_stop"]),
    st.dictionaries(st.sampled_from(FIELDS), st.text() | st.sampled_from(["x" * 5_000, "+15558675310", "STOP"])),
    st.dictionaries(st.sampled_from([*OURS, "bodySHA256"]), st.text() | st.just("x" * 5_000)),
)
def test_what_twilio_signed_and_is_odd_is_no_error(
    connected: None, name: str, changes: dict[str, str], ids: dict[str, str]
) -> None:
    form, query = {**twilio_sample(name)["payload"], "AccountSid": ACCOUNT, **changes}, {**OURS, **ids}
    url = f"{PUBLIC}/connect/webhooks/twilio/{ACME}?{urlencode(query)}"
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    answer = ask("receive_twilio_events", body=urlencode(form), query=query, x_twilio_signature=signature)
    assert answer.status in TAKEN | REFUSED
