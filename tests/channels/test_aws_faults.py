"""Whatever goes wrong at AWS: the right outcome for every message of the call, and never a second request."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from clarion.channels import aws_sms, ses
from clarion.domain.outcomes import Outcome, Retry, Stop, Unknown
from tests.channels.http_server import Behaviour, LoopbackHttp
from tests.channels.mails import a_mail
from tests.channels.texts import a_text
from tests.contract.aws_model import ModelledAws, Refusal


@dataclass(frozen=True)
class AwsSender:
    """``name`` is how the owner knows the service; ``send`` makes one call with a client."""

    name: str
    create_client: Callable[..., Any]
    send: Callable[[Any], Sequence[Outcome]]


SES, SMS = "Amazon SES", "AWS End User Messaging"
SENDERS = {
    "ses": AwsSender(SES, ses.create_client, lambda client: ses.SesChannel(client).send([a_mail()])),
    "ses_bulk": AwsSender(SES, ses.create_client, lambda client: ses.SesChannel(client).send([a_mail(1), a_mail(2)])),
    "aws_sms": AwsSender(SMS, aws_sms.create_client, lambda client: aws_sms.AwsSmsChannel(client).send([a_text()])),
}


@pytest.fixture(scope="module", params=SENDERS)
def sender(request: pytest.FixtureRequest) -> AwsSender:
    return SENDERS[request.param]


@contextmanager
def a_client(sender: AwsSender, endpoint: str | None = None) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        if endpoint:
            environment.setenv("AWS_ENDPOINT_URL", endpoint)
        yield sender.create_client("eu-west-1", read_seconds=0.4)


@pytest.fixture(scope="module")
def modelled(sender: AwsSender) -> Iterator[tuple[Any, ModelledAws]]:
    with a_client(sender) as client:
        yield client, ModelledAws(client, [])


@pytest.fixture(scope="module")
def loopback(sender: AwsSender) -> Iterator[tuple[Any, LoopbackHttp]]:
    with LoopbackHttp((200, b"{}")) as server, a_client(sender, server.url) as client:
        yield client, server


def answered(sender: AwsSender, modelled: tuple[Any, ModelledAws], refusal: Refusal) -> set[Outcome]:
    """The outcomes of one call, within the model and made once."""
    client, aws = modelled
    aws.script(refusal)
    found = set(sender.send(client))
    assert (aws.attempts, aws.problems) == (1, [])
    return found


@pytest.mark.parametrize(("refusal", "seconds"), [
    (Refusal(429, "TooManyRequestsException", "slow"), None),
    (Refusal(400, "ThrottlingException", "slow"), None),
    (Refusal(429, "TooManyRequestsException", "slow", headers={"Retry-After": "7"}), 7),
    (Refusal(429, "ThrottlingException", "slow", headers={"retry-after": "soon"}), None),
])  # fmt: skip
def test_throttling_is_a_retry_after_what_aws_asks(sender, modelled, refusal, seconds):
    assert answered(sender, modelled, refusal) == {Retry(seconds, "slow", throttled=True)}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_service_leaves_it_unknown(sender, modelled, status):
    refusal = Refusal(status, "InternalServerException", headers={"Retry-After": "1"})
    assert answered(sender, modelled, refusal) == {Unknown(f"{sender.name} answered {status}")}


@pytest.mark.parametrize("code", [
    "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "AccessDeniedException",
])  # fmt: skip
def test_bad_credentials_stop_the_channel(sender, modelled, code):
    assert answered(sender, modelled, Refusal(403, code, "no")) == {Stop(code, "no")}


def met(sender: AwsSender, loopback: tuple[Any, LoopbackHttp], behaviour: Behaviour) -> set[Outcome]:
    """The outcomes of one call that reached a server and was made once."""
    client, server = loopback
    server.behaviour, server.requests = behaviour, 0
    found = set(sender.send(client))
    assert server.requests == 1
    return found


def test_a_slow_answer_leaves_it_unknown(sender, loopback):
    assert met(sender, loopback, "hang") == {Unknown(f"{sender.name} did not answer in time")}


@pytest.mark.parametrize("behaviour", ["hang up", "cut short", (200, b"<html>"), (502, b"bad gateway"), (302, b"")])
def test_whatever_goes_wrong_after_the_request_left_leaves_it_unknown(sender, loopback, behaviour):
    [found] = met(sender, loopback, behaviour)
    assert isinstance(found, Unknown)


def test_a_refused_connection_may_be_retried(sender):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with a_client(sender, f"http://127.0.0.1:{nobody.getsockname()[1]}") as client:
            assert set(sender.send(client)) == {Retry(None, f"no connection to {sender.name}")}
