import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import botocore
import pytest

from clarion.hot import dynamodb
from clarion.hot.dynamodb import ATTEMPTS, TIME_LIMIT, DynamoDB, DynamoError
from tests.hot.loopback import Reply, ScriptedDatabase, refusal

ENVIRONMENT = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S"}
THROTTLED = refusal("ProvisionedThroughputExceededException")


class Scene:
    """A client, the database it speaks to, the pauses it made, and a clock that only those pauses move."""

    def __init__(self, stack: ExitStack, *script: Reply) -> None:
        self.database = stack.enter_context(ScriptedDatabase(list(script)).running())
        self.environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.database.url}
        self.pauses: list[float] = []
        self.client = DynamoDB(self.environment, sleep=self.pauses.append, monotonic=lambda: sum(self.pauses))
        stack.callback(self.client.close)

    def put(self) -> dict[str, Any]:
        return self.client.call("PutItem", {"Item": {"pk": {"S": "é"}}})

    def refused(self) -> DynamoError:
        with pytest.raises(DynamoError) as refused:
            self.put()
        return refused.value


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_a_call_is_one_signed_post_and_returns_the_answer(stack: ExitStack) -> None:
    scene = Scene(stack, Reply(body=b'{"Attributes":{}}'))
    assert scene.put() == {"Attributes": {}}
    (request,) = scene.database.requests
    assert request.body == {"Item": {"pk": {"S": "é"}}}
    assert request.headers["X-Amz-Target"] == "DynamoDB_20120810.PutItem"
    assert request.headers["Host"] == scene.database.url.removeprefix("http://")
    assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=A/")
    assert "X-Amz-Security-Token" not in request.headers


def test_one_connection_serves_every_call(stack: ExitStack) -> None:
    scene = Scene(stack)
    for _ in range(5):
        scene.put()
    assert [request.connection for request in scene.database.requests] == [1] * 5


def test_credentials_are_read_anew_at_each_call(stack: ExitStack) -> None:
    scene = Scene(stack)
    scene.put()
    scene.environment.update(AWS_ACCESS_KEY_ID="B", AWS_SECRET_ACCESS_KEY="T", AWS_SESSION_TOKEN="token")
    scene.put()
    first, second = scene.database.requests
    assert "Credential=A/" in first.headers["Authorization"]
    assert "Credential=B/" in second.headers["Authorization"]
    assert second.headers["X-Amz-Security-Token"] == "token"


def test_without_credentials_nothing_is_sent(stack: ExitStack) -> None:
    scene = Scene(stack)
    del scene.environment["AWS_ACCESS_KEY_ID"]
    assert scene.refused().code == "NoCredentials"
    assert scene.database.requests == []


@pytest.mark.parametrize(
    "trouble",
    [
        THROTTLED,
        refusal("ThrottlingException"),
        refusal("RequestLimitExceeded"),
        refusal("InternalServerError", 500),
        refusal("ServiceUnavailable", 503),
        refusal("TransactionConflictException"),
        refusal(
            "TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}]
        ),
        Reply(502, b"<html>bad gateway</html>"),
        Reply(500, b""),
        Reply(200, b"[]"),
        Reply(200, b'{"half', cut=20),
        Reply(closes=True),
    ],
)
def test_what_passes_is_tried_again_with_the_same_bytes(stack: ExitStack, trouble: Reply) -> None:
    scene = Scene(stack, trouble, trouble)
    assert scene.put() == {}
    assert len(scene.pauses) == 2
    first, *others = scene.database.requests
    assert [other.body for other in others] == [first.body] * 2


@pytest.mark.parametrize(
    ("trouble", "code", "reasons"),
    [
        (refusal("ValidationException"), "ValidationException", ()),
        (refusal("ResourceNotFoundException"), "ResourceNotFoundException", ()),
        (refusal("ExpiredTokenException"), "ExpiredTokenException", ()),
        (Reply(403, b"{}"), "Http403", ()),
        (
            refusal(
                "TransactionCanceledException",
                CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"}],
            ),
            "TransactionCanceledException",
            ("TransactionConflict", "ConditionalCheckFailed"),
        ),
    ],
)
def test_what_will_not_pass_is_raised_at_once(
    stack: ExitStack, trouble: Reply, code: str, reasons: tuple[str, ...]
) -> None:
    scene = Scene(stack, trouble)
    error = scene.refused()
    assert (error.code, error.reasons) == (code, reasons)
    assert len(scene.database.requests) == 1
    assert scene.pauses == []


def test_attempts_are_bounded_and_pauses_grow_with_full_jitter(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb, "random", lambda: 0.5)
    scene = Scene(stack, *[THROTTLED] * 20)
    assert scene.refused().code == "ProvisionedThroughputExceededException"
    assert len(scene.database.requests) == ATTEMPTS
    assert scene.pauses == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.4])


def test_a_call_ends_within_its_time_limit(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "random", lambda: 1.0)
    monkeypatch.setattr(dynamodb, "_FIRST_PAUSE", 1.0)
    monkeypatch.setattr(dynamodb, "_LONGEST_PAUSE", 1.4)
    scene = Scene(stack, *[THROTTLED] * 20)
    scene.refused()
    assert sum(scene.pauses) < TIME_LIMIT
    assert len(scene.database.requests) == 3, "a third pause would end after the limit"


def test_a_kept_connection_found_closed_is_opened_again_without_a_pause(stack: ExitStack) -> None:
    scene = Scene(stack, Reply(then_closes=True))
    scene.put()
    scene.put()
    assert [request.connection for request in scene.database.requests] == [1, 2]
    assert scene.pauses == []


def test_a_fresh_connection_that_drops_is_not_opened_again_at_once(stack: ExitStack) -> None:
    scene = Scene(stack, *[Reply(closes=True)] * 20)
    assert scene.refused().code == "Unreachable"
    assert len(scene.database.requests) == ATTEMPTS
    assert len(scene.pauses) == ATTEMPTS - 1


def test_a_silent_database_is_given_up_and_asked_again_on_another_connection(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(stack, Reply(), Reply(delay=0.4))
    scene.put()
    monkeypatch.setattr(dynamodb, "ANSWER_LIMIT", 0.1)  # also less patience than the connection was opened with
    assert scene.put() == {}
    assert [request.connection for request in scene.database.requests] == [1, 1, 2]
    assert len(scene.pauses) == 1


def test_nobody_listening_is_unreachable(stack: ExitStack) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        client = DynamoDB({**ENVIRONMENT, "AWS_ENDPOINT_URL": address}, sleep=lambda _: None)
        with pytest.raises(DynamoError, match="Unreachable: ConnectionRefusedError"):
            client.call("PutItem", {})


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({}, "dynamodb.eu-west-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "127.0.0.1:4566"),
        ({"AWS_ENDPOINT_URL": "http://one:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://two:2"}, "two:2"),
        ({"AWS_ENDPOINT_URL": "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com:443"},
         "vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com"),
    ],
)  # fmt: skip
def test_the_endpoint_comes_from_the_environment_else_from_the_region(environment: dict[str, str], host: str) -> None:
    client = DynamoDB({**ENVIRONMENT, **environment})
    assert client._signer._host == host
    assert (client._connection.default_port == 443) is ("http:" not in str(environment))


def test_the_roots_we_ship_are_those_botocore_trusts_and_nothing_else() -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_verify_locations(dynamodb._ROOTS)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.load_verify_locations(Path(botocore.__file__).with_name("cacert.pem"))
    assert set(ours.get_ca_certs(binary_form=True)) < set(theirs.get_ca_certs(binary_form=True))
    certificates: Any = ours.get_ca_certs()
    names = {dict(part[0] for part in root["subject"])["commonName"] for root in certificates}
    assert names == {
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    }


def test_a_server_without_a_trusted_certificate_is_not_spoken_to() -> None:
    context = DynamoDB(ENVIRONMENT)._connection._context  # type: ignore[attr-defined]  # http.client keeps it there
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is True
