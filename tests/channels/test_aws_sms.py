"""AWS End User Messaging: requests held to AWS's model, every answer mapped by what it proves."""

from typing import Any

import pytest

from clarion.channels.aws_sms import AwsSmsChannel, create_client
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop
from clarion.domain.text_message import MAX_BODY, MAX_TAGS, TextChannel
from tests.channels.texts import TAGS, a_text
from tests.contract.aws_model import ModelledAws, Refusal

SENT = {"MessageId": "v1"}


@pytest.fixture(scope="module")
def client() -> Any:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        return create_client("eu-west-1")


@pytest.fixture(scope="module")
def modelled(client) -> ModelledAws:
    return ModelledAws(client, [SENT])


@pytest.fixture
def aws(modelled: ModelledAws) -> ModelledAws:
    modelled.script(SENT)
    return modelled


@pytest.fixture
def channel(client, aws) -> AwsSmsChannel:
    return AwsSmsChannel(client, "clarion-events")


def test_a_message_is_this_request_within_the_model(channel, aws):
    assert channel.send([a_text()]) == [Accepted("v1")]
    assert aws.problems == []
    assert aws.calls == [
        (
            "SendTextMessage",
            {
                "DestinationPhoneNumber": "+12065550101",
                "OriginationIdentity": "+12065550199",
                "MessageBody": "Hello 1: 10 % off – see https://acme.example/é",
                "MessageType": "PROMOTIONAL",
                "ConfigurationSetName": "clarion-events",
                "Context": TAGS | {"contact": "ann1"},
            },
        )
    ]


def test_the_largest_and_the_least_message_are_within_the_model(client, aws):
    tags = {"t" * 99 + str(n): "x" * 100 for n in range(MAX_TAGS)}
    pool = "arn:aws:sms-voice:eu-west-1:123456789012:pool/pool-0123456789abcdef0123456789abcdef"
    AwsSmsChannel(client, "e" * 64, "TRANSACTIONAL").send(
        [a_text(to="+123456789012345", body="é" * MAX_BODY, sender=pool, message_tags=tags)]
    )
    AwsSmsChannel(client).send([a_text(body="x", sender="ACME", message_tags={})])
    assert aws.problems == []
    assert [set(request) for _, request in aws.calls][1] == {
        "DestinationPhoneNumber", "OriginationIdentity", "MessageBody", "MessageType",
    }  # fmt: skip


@pytest.mark.parametrize(("changes", "problem"), [
    ({"MessageBody": "x" * 1_601}, "MessageBody: breaks maxLength 1600"),
    ({"MessageBody": " "}, "MessageBody: breaks pattern"),
    ({"MessageType": "PROMO"}, "MessageType: breaks enum"),
    ({"DestinationPhoneNumber": "+1 206"}, "DestinationPhoneNumber: breaks pattern"),
    ({"Context": {str(n): "x" for n in range(6)}}, "Context: breaks maxProperties 5"),
])  # fmt: skip
def test_the_model_would_find_what_botocore_lets_through(client, aws, changes, problem):
    client.send_text_message(**{"DestinationPhoneNumber": "+12065550101", "MessageBody": "x"} | changes)
    assert problem in aws.problems[0]


def test_each_message_of_a_batch_gets_its_own_call(channel, aws):
    texts = [a_text(number) for number in range(10)]
    port: TextChannel = channel
    assert port.send(texts) == [Accepted("v1")] * 10
    assert sorted(request["DestinationPhoneNumber"] for _, request in aws.calls) == [text.to for text in texts]
    assert port.send([]) == []
    with pytest.raises(ValueError, match="at most 10"):
        port.send([*texts, a_text(10)])


@pytest.mark.parametrize("sender", ["ACME Shop", "ACME!"])
def test_a_sender_aws_cannot_use_stops_without_a_call(channel, aws, sender):
    [found] = channel.send([a_text(sender=sender)])
    assert isinstance(found, Stop)
    assert aws.calls == []


def refused(channel: AwsSmsChannel, aws: ModelledAws, refusal: Refusal) -> Outcome:
    aws.script(refusal)
    [found] = channel.send([a_text()])
    assert (aws.attempts, aws.problems) == (1, [])
    return found


def validation(reason: str, *fields: str) -> Refusal:
    named = [{"Name": field, "Message": "wrong"} for field in fields]
    return Refusal(
        400, "ValidationException", "wrong", {"Reason": reason, "Fields": named} if named else {"Reason": reason}
    )


def conflict(reason: str) -> Refusal:
    return Refusal(409, "ConflictException", "conflict", {"Reason": reason})


def test_whoever_has_opted_out_is_rejected_by_a_code_of_its_own(channel, aws):
    found = refused(channel, aws, conflict("DESTINATION_PHONE_NUMBER_OPTED_OUT"))
    assert found == Rejected("OptedOut", "conflict")


@pytest.mark.parametrize("refusal", [
    conflict("DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"),
    conflict("DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE"),
    validation("COUNTRY_CODE_MISMATCH"),
    validation("DESTINATION_COUNTRY_BLOCKED"),
    validation("SENDER_ID_NOT_SUPPORTED"),
    validation("INVALID_PARAMETER", "destinationPhoneNumber"),
    validation("FIELD_VALIDATION_FAILED", "DestinationPhoneNumber", "MessageBody"),
    validation("INVALID_PARAMETER"),
])  # fmt: skip
def test_what_is_wrong_with_this_message_is_a_refusal(channel, aws, refusal):
    assert refused(channel, aws, refusal) == Rejected(refusal.details["Reason"], refusal.message)


@pytest.mark.parametrize(("refusal", "code"), [
    (validation("INVALID_PARAMETER", "OriginationIdentity"), "INVALID_PARAMETER"),
    (validation("FIELD_VALIDATION_FAILED", "ConfigurationSetName", "MessageBody"), "FIELD_VALIDATION_FAILED"),
    (validation("CHANNEL_NOT_ENABLED"), "CHANNEL_NOT_ENABLED"),
    (conflict("DESTINATION_PHONE_NUMBER_NOT_VERIFIED"), "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"),  # the sandbox
    (conflict("NO_ORIGINATION_IDENTITIES_FOUND"), "NO_ORIGINATION_IDENTITIES_FOUND"),
    (Refusal(400, "AccessDeniedException", "no", {"Reason": "ACCOUNT_DISABLED"}), "ACCOUNT_DISABLED"),
    (Refusal(403, "AccessDeniedException", "no"), "AccessDeniedException"),
    (Refusal(403, "UnrecognizedClientException", "bad token"), "UnrecognizedClientException"),
    (Refusal(400, "ServiceQuotaExceededException", "spent", {"Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"}),
     "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
    (Refusal(404, "ResourceNotFoundException", "no such pool"), "ResourceNotFoundException"),
])  # fmt: skip
def test_what_is_wrong_with_the_account_stops_the_channel(channel, aws, refusal, code):
    assert refused(channel, aws, refusal) == Stop(code, refusal.message)


def test_every_refusal_of_awss_model_has_a_decided_outcome(client, channel, aws):
    model = client.meta.service_model
    for error in model.operation_model("SendTextMessage").error_shapes:
        for reason in getattr(error.members.get("Reason"), "enum", [""]):
            found = refused(channel, aws, Refusal(400, error.name, "x", {"Reason": reason} if reason else {}))
            assert isinstance(found, Rejected | Stop | Retry)
            assert isinstance(found, Retry) == (error.name == "ThrottlingException")


def test_the_number_is_not_quoted(channel, aws):
    found = refused(channel, aws, Refusal(400, "ValidationException", "bad +12065550101", {"Reason": "CANNOT_PARSE"}))
    assert found == Rejected("CANNOT_PARSE", "bad …")
