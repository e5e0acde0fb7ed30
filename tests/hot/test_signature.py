from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from clarion.hot.signature import Credentials, RequestSigner

MOMENT = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
LONG_TOKEN = "IQoJb3JpZ2luX2VjE" + "x/+=" * 200


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: MOMENT.replace(tzinfo=None))


@pytest.mark.parametrize("token", ["", LONG_TOKEN])
@pytest.mark.parametrize(
    ("host", "region"),
    [("dynamodb.eu-west-1.amazonaws.com", "eu-west-1"), ("127.0.0.1:4566", "us-east-1"), ("localhost", "ap-south-1")],
)
@pytest.mark.parametrize(
    ("operation", "body"),
    [("PutItem", b'{"TableName":"t"}'), ("GetItem", b""), ("TransactWriteItems", '{"ü":"€ 𝄞"}'.encode())],
)
def test_the_signature_is_botocores(token: str, host: str, region: str, operation: str, body: bytes) -> None:
    ours = RequestSigner(host, region).headers(
        operation, body, Credentials("AKIDEXAMPLE", "wJalr/EXAMPLE+KEY", token), MOMENT.timestamp()
    )
    unsigned = {name: ours[name] for name in ("Content-Type", "Host", "X-Amz-Target")}
    request: Any = AWSRequest(method="POST", url=f"http://{host}/", headers=unsigned, data=body)
    botocore: Any = BotocoreCredentials("AKIDEXAMPLE", "wJalr/EXAMPLE+KEY", token or None)
    SigV4Auth(botocore, "dynamodb", region).add_auth(request)
    assert dict(request.headers.items()) == ours


def test_the_signing_key_follows_the_day_and_the_secret() -> None:
    kept = RequestSigner("h", "eu-west-1")
    one, two = Credentials("A", "one"), Credentials("A", "two")
    day = 86_400
    for credentials, now in [(one, 0), (one, day), (two, day), (two, day + 5), (one, day)]:
        fresh = RequestSigner("h", "eu-west-1").headers("PutItem", b"{}", credentials, now)
        assert kept.headers("PutItem", b"{}", credentials, now) == fresh


def test_the_signing_key_is_derived_once_a_day() -> None:
    days = []

    class Counted(RequestSigner):
        def _derive(self, secret: str, day: str) -> bytes:
            days.append(day)
            return super()._derive(secret, day)

    signer = Counted("h", "eu-west-1")
    for hour in range(36):
        signer.headers("PutItem", b"{}", Credentials("A", "s"), hour * 3600)
    assert days == ["19700101", "19700102"]


def test_missing_credentials_are_named() -> None:
    with pytest.raises(KeyError, match="AWS_SECRET_ACCESS_KEY"):
        Credentials.of({"AWS_ACCESS_KEY_ID": "A"})
