"""Events of an organisation's own AWS account, by topics of Amazon SNS: of mails and of text messages."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from clarion import clock, keys, wiring
from clarion.channels.sns_http import SnsHttp, SnsUnreachable
from clarion.domain.engagement import MessageRef
from clarion.storage.phones import PhoneTable
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.table import Table
from tests.channels.sns import CONFIRM_URL, TOPIC, certificate, confirmation, envelope, signed
from tests.channels.test_ses_events import sample as ses_sample
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered
from tests.routes.webhooks.social import ask, connect
from tests.shared_data import shared_root

MESSAGE = MessageRef(ACME, "ann", "k", 1, "1", "sms")
PHONE = "+12065550101"
NOBODY = "01J00000000000000000000N0B"
REFUSED = "not a request of a platform that is connected here"
PATHS = {"ses": "receive_ses_events", "aws-sms": "receive_aws_sms_events"}
EVERYWHERE = pytest.mark.parametrize("platform", PATHS)


class Sns(SnsHttp):
    """SNS's own addresses: a certificate, and where subscriptions are confirmed."""

    def __init__(self) -> None:
        self.confirmed: list[str] = []
        self.reachable = True

    def certificate(self, url: str) -> bytes | None:
        if not self.reachable:
            raise SnsUnreachable("no answer")
        return certificate(clock.now())

    def confirm(self, url: str) -> None:
        if not self.reachable:
            raise SnsUnreachable("no answer")
        self.confirmed.append(url)


@pytest.fixture
def sns(table: Table, monkeypatch: pytest.MonkeyPatch) -> Sns:
    """Acme has connected its AWS account and named its topic; one text went to the phone."""
    run_inserts(monkeypatch)
    monkeypatch.setenv("SECRETS_PREFIX", "clarion/test")
    found = Sns()
    monkeypatch.setattr("clarion.wiring.texts.sns_http", lambda: found)
    for platform in PATHS:
        connect(platform, region="eu-west-1", accessKeyId="AKIA", secretAccessKey="s", topicArn=TOPIC)
    PhoneTable(table).remember({PHONE: MESSAGE}, clock.now())
    return found


def tell(platform: str, body: bytes, org: str = ACME) -> Answered:
    return ask(PATHS[platform], org, body=body.decode(), content_type="text/plain; charset=UTF-8")


def sms(name: str = "text_successful", **changes: Any) -> dict[str, Any]:
    """A sample of a configuration set's event, about Acme's message."""
    event = json.loads(shared_root(f"webhooks/aws_sms_{name}.json").read_text())["payload"]
    context = {"org": ACME, "contact": "ann", "campaign": "k", "run": "1", "step": "1"}
    return {**event, "context": context, **changes}


def written(body: str, **changes: Any) -> dict[str, Any]:
    """A two-way message."""
    return {
        "originationNumber": PHONE,
        "destinationNumber": "+12065550199",
        "messageKeyword": "KEYWORD",
        "messageBody": body,
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
        **changes,
    }


def mail(name: str, org: str = ACME) -> dict[str, Any]:
    event: dict[str, Any] = ses_sample(name)
    tags = {"org": [org], "contact": ["ann"], "campaign": ["k"], "run": ["1"], "step": ["1"]}
    return {**event, "mail": {**event["mail"], "tags": {**event["mail"].get("tags", {}), **tags}}}


def told(message: Any, **changes: Any) -> bytes:
    return signed(envelope(message, clock.now(), **changes))


def kept(table: Table, org: str = ACME) -> list[dict[str, Any]]:
    return list(table.query_all(keys.person_pk(org, "ann"), "EVENT#"))


def kinds(table: Table) -> list[str]:
    return [row["kind"] for row in kept(table)]


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("platform", "message", "kind"),
    [
        ("ses", lambda: mail("bounce"), "bounce"),
        ("ses", lambda: mail("delivery"), "delivery"),
        ("ses", lambda: mail("complaint"), "complaint"),
        ("aws-sms", sms, "delivery"),
        ("aws-sms", lambda: sms(eventType="TEXT_INVALID", messageStatus="INVALID"), "bounce"),
    ],
)
def test_what_became_of_a_message_is_kept_once(
    sns: Sns, table: Table, platform: str, message: Callable[[], Any], kind: str, version: str
) -> None:
    body = told(message(), SignatureVersion=version)
    for _ in range(2):
        assert tell(platform, body).status == 204
    assert kinds(table) == [kind]


def test_a_stop_suppresses_a_start_takes_it_back_and_a_reply_is_kept(sns: Sns, table: Table) -> None:
    suppressions = SuppressionTable(table)
    for _ in range(2):
        assert tell("aws-sms", told(written("STOP"))).status == 204
    found = suppressions.find(ACME, "sms", PHONE)
    assert found is not None
    assert (found.reason, found.source) == ("opt_out", "aws-sms")
    assert tell("aws-sms", told(written("START", inboundMessageId="2"))).status == 204
    assert suppressions.find(ACME, "sms", PHONE) is None
    for _ in range(2):
        assert tell("aws-sms", told(written("Yes", inboundMessageId="3"))).status == 204
    assert [(row["kind"], row.get("text")) for row in kept(table)] == [("unsubscribe", None), ("reply", "Yes")]


@EVERYWHERE
def test_a_subscription_of_the_topic_is_confirmed(sns: Sns, platform: str) -> None:
    assert tell(platform, signed(confirmation(clock.now()))).status == 204
    assert sns.confirmed == [CONFIRM_URL]


@EVERYWHERE
def test_a_confirmation_that_failed_is_told_again(sns: Sns, platform: str) -> None:
    tell(platform, told("hello"))  # the certificate is known by now
    sns.reachable = False
    assert tell(platform, signed(confirmation(clock.now()))).status == 500


@EVERYWHERE
def test_the_end_of_a_subscription_confirms_nothing(sns: Sns, table: Table, platform: str) -> None:
    assert tell(platform, signed(confirmation(clock.now(), "UnsubscribeConfirmation"))).status == 204
    assert (sns.confirmed, kept(table)) == ([], [])


@EVERYWHERE
@pytest.mark.parametrize("name", ["mail", "text"])
def test_a_message_of_another_organisation_is_not_recorded(sns: Sns, table: Table, platform: str, name: str) -> None:
    event = mail("bounce", GLOBEX) if name == "mail" else sms(context={**sms()["context"], "org": GLOBEX})
    assert tell(platform, told(event)).status == 204
    assert kept(table) == kept(table, GLOBEX) == []


@EVERYWHERE
def test_another_topic_is_refused_however_well_it_is_signed(sns: Sns, table: Table, platform: str) -> None:
    other = TOPIC + "2"
    for body in (told(mail("bounce"), TopicArn=other), signed(confirmation(clock.now(), TopicArn=other))):
        assert tell(platform, body).status == 403
    assert (sns.confirmed, kept(table)) == ([], [])


@EVERYWHERE
@pytest.mark.parametrize("org", [GLOBEX, NOBODY], ids=["not connected", "no such organisation"])
def test_whoever_has_not_connected_is_refused_alike(sns: Sns, platform: str, org: str) -> None:
    answer = tell(platform, told(mail("bounce", org)), org)
    assert (answer.status, answer.json["detail"]) == (403, REFUSED)


@EVERYWHERE
def test_a_connection_that_names_no_topic_takes_none(sns: Sns, table: Table, platform: str) -> None:
    connect(platform, org=GLOBEX, region="eu-west-1", accessKeyId="AKIA", secretAccessKey="s")
    answer = tell(platform, told(mail("bounce", GLOBEX)), GLOBEX)
    assert (answer.status, answer.json["detail"]) == (403, REFUSED)


@EVERYWHERE
def test_what_sns_did_not_sign_is_refused_alike(sns: Sns, table: Table, platform: str) -> None:
    body = json.loads(told(sms()))
    for changed in ({**body, "Message": json.dumps(written("STOP"))}, sms(), {}):
        answer = tell(platform, json.dumps(changed).encode())
        assert (answer.status, answer.json["detail"]) == (403, REFUSED)
    assert (kept(table), SuppressionTable(table).find(ACME, "sms", PHONE)) == ([], None)


@EVERYWHERE
def test_a_certificate_that_cannot_be_had_now_is_a_reason_to_be_told_again(
    sns: Sns, table: Table, platform: str
) -> None:
    sns.reachable = False
    assert tell(platform, told(sms())).status == 500


@pytest.mark.parametrize(
    ("platform", "event"),
    [("ses", lambda: {"eventType": "Bounce", "mail": {}}), ("aws-sms", lambda: written("Hi", originationNumber=7))],
)
def test_an_event_that_lacks_what_aws_documents_is_400(sns: Sns, platform: str, event: Callable[[], Any]) -> None:
    assert tell(platform, told(event())).status == 400


@EVERYWHERE
def test_words_of_no_event_are_taken_and_kept_nowhere(sns: Sns, table: Table, platform: str) -> None:
    log = json.loads(shared_root("webhooks/sns_sms_cloudwatch_failure.json").read_text())["payload"]
    for message in ("Successfully validated SNS topic for Amazon SES event publishing.", log, mail("open")):
        assert tell(platform, told(message)).status == 204
    assert kept(table) == []


@pytest.mark.parametrize(("platform", "event"), [("ses", lambda: mail("bounce")), ("aws-sms", sms)])
def test_nothing_is_acknowledged_that_could_not_be_kept(
    sns: Sns, table: Table, monkeypatch: pytest.MonkeyPatch, platform: str, event: Callable[[], Any]
) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("the table does not answer")

    body = told(event())
    with monkeypatch.context() as broken:
        broken.setattr(Table, "insert_absent", fail)
        assert tell(platform, body).status == 500
    assert tell(platform, body).status == 204
    assert len(kept(table)) == 1


def test_wiring_fetches_from_sns_itself(table: Table) -> None:
    assert type(wiring.sns_http()) is SnsHttp
