"""What SES says of a sending domain, held to botocore's own model."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from clarion.channels.ses_identities import SesIdentities
from clarion.domain.sending_identity import SendingIdentity

DKIM = {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": ["a", "b", "c"]}
PATH = {
    "MailFromDomain": "bounce.example.com",
    "MailFromDomainStatus": "SUCCESS",
    "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
}


@pytest.fixture
def ses() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("sesv2", region_name="eu-west-1")
    with Stubber(client) as stubber:
        yield client, stubber


def identity(ses: Any, dkim: dict[str, Any], path: dict[str, Any] | None = None) -> SendingIdentity | None:
    client, stubber = ses
    answer = {"DkimAttributes": dkim, **({"MailFromAttributes": path} if path else {})}
    stubber.add_response("get_email_identity", answer, {"EmailIdentity": "example.com"})
    return SesIdentities(client, {"example.com"}).of("example.com")


def test_tokens_signing_and_return_path_are_read(ses: Any) -> None:
    assert identity(ses, DKIM, PATH) == SendingIdentity(("a", "b", "c"), True, "SUCCESS", "bounce.example.com")


def test_a_return_path_that_is_not_set_up_is_ses_own(ses: Any) -> None:
    found = identity(ses, DKIM, PATH | {"MailFromDomainStatus": "FAILED"})
    assert found == SendingIdentity(("a", "b", "c"), True, "SUCCESS")


@pytest.mark.parametrize(
    ("dkim", "signing"),
    [
        (DKIM | {"Status": "PENDING"}, "PENDING"),
        (DKIM | {"SigningEnabled": False}, "signing is switched off"),
        ({"SigningEnabled": True}, "NOT_STARTED"),
    ],
)
def test_what_does_not_sign_says_why(ses: Any, dkim: dict[str, Any], signing: str) -> None:
    found = identity(ses, dkim)
    assert found is not None
    assert (found.signs, found.signing) == (False, signing)


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException", "TooManyRequestsException"])
def test_without_an_answer_nothing_is_known(ses: Any, code: str) -> None:
    client, stubber = ses
    stubber.add_client_error("get_email_identity", code)
    assert SesIdentities(client, {"example.com"}).of("example.com") is None


def test_of_other_domains_ses_is_not_asked(ses: Any) -> None:
    client, _ = ses  # a stubber without answers refuses every call
    assert SesIdentities(client, {"example.com"}).of("notexample.com") is None
    assert SesIdentities(client, set()).of("example.com") is None
