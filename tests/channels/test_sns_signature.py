"""Whether a message is Amazon SNS's: signed under a certificate of its own, for the expected topic, of late."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from clarion.channels.sns_signature import SnsSignatures
from clarion.domain.sns_message import SnsMessage
from tests.channels.sns import CERTIFICATE_URL, CONFIRM_URL, TOPIC, certificate, confirmation, envelope, signed
from tests.shared_data import shared_root

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SAMPLE: dict[str, Any] = json.loads(shared_root("webhooks/ses_sns_envelope_bounce.json").read_text())["payload"]


class Certificates:
    """What is at SNS's addresses."""

    def __init__(self, **instead: Any) -> None:
        self.asked: list[str] = []
        self.pem: bytes | None = instead.get("pem", certificate(NOW))

    def __call__(self, url: str) -> bytes | None:
        self.asked.append(url)
        return self.pem


def read(body: bytes, topic: str = TOPIC, now: datetime = NOW, **instead: Any) -> SnsMessage | None:
    return SnsSignatures(Certificates(**instead)).message(body, topic, now)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_notification_is_believed(version: str) -> None:
    fields = envelope({"eventType": "Bounce"}, NOW, SignatureVersion=version)
    found = read(signed(fields))
    assert found is not None
    assert (found.type, found.subscribe_url) == ("Notification", "")
    assert fields.items() <= dict(found.envelope).items()


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_documented_envelope_is_believed_once_it_is_signed(version: str) -> None:
    at = datetime(2018, 3, 26, 17, 59, tzinfo=UTC)
    fields = {**SAMPLE, "SignatureVersion": version}
    found = read(signed(fields), SAMPLE["TopicArn"], at, pem=certificate(at))
    assert found is not None
    assert found.envelope["Message"] == SAMPLE["Message"]
    assert read(json.dumps(SAMPLE).encode(), SAMPLE["TopicArn"], at, pem=certificate(at)) is None  # "EXAMPLE=="


@pytest.mark.parametrize("subject", ["A subject with\na line break, and é", None])
def test_a_subject_is_signed_where_there_is_one(subject: str | None) -> None:
    body = signed(envelope("hello", NOW, Subject=subject))
    assert read(body) is not None
    told = {**json.loads(body), "Subject": "another"}
    assert read(json.dumps(told).encode()) is None


@pytest.mark.parametrize(("kind", "url"), [("SubscriptionConfirmation", CONFIRM_URL), ("UnsubscribeConfirmation", "")])
def test_only_a_subscription_is_there_to_be_confirmed(kind: str, url: str) -> None:
    found = read(signed(confirmation(NOW, kind)))
    assert found is not None
    assert (found.type, found.subscribe_url) == (kind, url)


@pytest.mark.parametrize(
    "name",
    ["Message", "MessageId", "Timestamp", "TopicArn", "Type", "SignatureVersion", "Token", "SubscribeURL", "Signature"],
)
def test_whatever_is_signed_cannot_be_changed_or_left_out(name: str) -> None:
    told: dict[str, Any] = json.loads(signed(confirmation(NOW)))
    assert read(json.dumps(told).encode()) is not None
    without = {key: value for key, value in told.items() if key != name}
    for changed in ({**told, name: told[name] + "1"}, {**told, name: 1}, {**told, name: None}, without):
        assert read(json.dumps(changed).encode()) is None


def test_a_topic_of_somebody_else_is_refused_however_well_it_is_signed() -> None:
    body = signed(envelope("hello", NOW, TopicArn="arn:aws:sns:eu-west-1:999999999999:clarion-events"))
    certificates = Certificates()
    assert SnsSignatures(certificates).message(body, TOPIC, NOW) is None
    assert certificates.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-12345abcde.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
    ],
)
def test_certificates_come_from_hosts_of_sns(url: str) -> None:
    certificates = Certificates()
    assert SnsSignatures(certificates).message(signed(envelope("hello", NOW, SigningCertURL=url)), TOPIC, NOW)
    assert certificates.asked == [url]


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem?b",
        "https://sns.eu-west-1.amazonaws.com/a.pem#b",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        "https://sns.eu-west-1.amazonaws.com/a/../b.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://sns.amazonaws.com/a.pem",
        "https://sns.evil.example.amazonaws.com/a.pem",
        "https://s3.eu-west-1.amazonaws.com/a.pem",
        "https://xsns.eu-west-1.amazonaws.com/a.pem",
        "https://sns-eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.cnn/a.pem",
        "",
    ],
)
def test_no_certificate_is_fetched_from_anywhere_else(url: str) -> None:
    certificates = Certificates()
    assert SnsSignatures(certificates).message(signed(envelope("hello", NOW, SigningCertURL=url)), TOPIC, NOW) is None
    assert certificates.asked == []


@pytest.mark.parametrize(
    "url", [CERTIFICATE_URL, "https://evil.example/?Action=ConfirmSubscription", "http" + CONFIRM_URL[5:], ""]
)
def test_a_subscription_is_confirmed_at_a_host_of_sns_alone(url: str) -> None:
    assert read(signed(confirmation(NOW, SubscribeURL=url))) is None


@pytest.mark.parametrize(
    ("age", "believed"),
    [
        (timedelta(), True),
        (timedelta(minutes=75), True),
        (timedelta(minutes=75, milliseconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, milliseconds=-1), False),
    ],
)
def test_messages_older_than_sns_repeats_them_are_refused(age: timedelta, believed: bool) -> None:
    assert (read(signed(envelope("hello", NOW - age))) is not None) == believed


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-11-21T09:00:00"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    assert read(signed(envelope("hello", NOW, Timestamp=stamp))) is None


@pytest.mark.parametrize("version", ["3", "", "SHA256"])
def test_another_signature_version_is_refused(version: str) -> None:
    assert read(signed(envelope("hello", NOW, SignatureVersion=version))) is None


def test_a_kind_of_message_that_sns_does_not_have_is_refused() -> None:
    assert read(signed(envelope("hello", NOW, Type="Greeting"))) is None


@pytest.mark.parametrize(
    "pem",
    [
        None,
        b"",
        b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n",
        certificate(NOW, ec.generate_private_key(ec.SECP256R1())),
        certificate(NOW - timedelta(days=40)),
        certificate(NOW + timedelta(hours=2)),
    ],
    ids=["none", "empty", "broken", "no RSA key", "expired", "not valid yet"],
)
def test_without_a_certificate_that_holds_nothing_is_believed(pem: bytes | None) -> None:
    assert read(signed(envelope("hello", NOW)), pem=pem) is None


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"hello", b'"Notification"', b"\xff", b"[" * 100_000, b'{"Type": ["Notification"]}']
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    assert read(body) is None


def test_half_a_surrogate_pair_is_refused() -> None:
    assert read(signed(envelope("\ud800", NOW))) is None


def test_a_certificate_is_fetched_once() -> None:
    certificates = Certificates()
    signatures = SnsSignatures(certificates)
    for _ in range(3):
        assert signatures.message(signed(envelope("hello", NOW)), TOPIC, NOW)
    assert certificates.asked == [CERTIFICATE_URL]


def test_a_certificate_that_was_not_there_is_asked_for_again() -> None:
    certificates = Certificates(pem=None)
    signatures = SnsSignatures(certificates)
    assert signatures.message(signed(envelope("hello", NOW)), TOPIC, NOW) is None
    certificates.pem = certificate(NOW)
    assert signatures.message(signed(envelope("hello", NOW)), TOPIC, NOW)


def test_what_is_known_of_certificates_does_not_grow_without_end() -> None:
    certificates = Certificates()
    signatures = SnsSignatures(certificates)
    for number in [*range(17), 16]:
        url = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{number}.pem"
        assert signatures.message(signed(envelope("hello", NOW, SigningCertURL=url)), TOPIC, NOW)
    assert len(certificates.asked) == 17
    assert signatures.message(signed(envelope("hello", NOW, SigningCertURL=certificates.asked[0])), TOPIC, NOW)
    assert len(certificates.asked) == 18
