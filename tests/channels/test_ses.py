"""Amazon SES: requests held to AWS's model, every answer mapped by what it proves."""

import json
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from clarion.channels.ses import MAX_REQUEST, MAX_TEMPLATE_DATA, SesChannel, create_client
from clarion.domain.mail import MAX_HEADER, MAX_NAME, MAX_SUBJECT, Mailbox, one_line
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop, Unknown
from tests.channels.certificates import server_context, write_certificate
from tests.channels.http_server import LoopbackHttp
from tests.channels.mails import URL, a_mail
from tests.contract.aws_model import ModelledAws, Refusal
from tests.shared_data import shared


def bulk_answer(count: int, first: int = 1) -> dict[str, Any]:
    results = [{"Status": "SUCCESS", "MessageId": f"v{n}"} for n in range(first, first + count)]
    return {"BulkEmailEntryResults": results}


def channel(*answers: dict[str, Any] | Refusal) -> tuple[SesChannel, ModelledAws]:
    client = create_client("eu-west-1")
    return SesChannel(client, "clarion-events"), ModelledAws(client, answers)


def entries(aws: ModelledAws) -> list[dict[str, Any]]:
    return [entry for _, request in aws.calls for entry in request["BulkEmailEntries"]]


def test_fifty_mails_leave_in_one_call_within_the_model():
    ses, aws = channel(bulk_answer(50))
    outcomes = ses.send([a_mail(n) for n in range(1, 51)])
    assert outcomes == [Accepted(f"v{n}") for n in range(1, 51)]
    assert aws.problems == []
    assert [operation for operation, _ in aws.calls] == ["SendBulkEmail"]


def test_a_bulk_call_names_sender_and_configuration_set_once_and_each_reader_apart():
    ses, aws = channel(bulk_answer(2))
    ses.send([a_mail(1), a_mail(2)])
    [(_, request)] = aws.calls
    assert request["FromEmailAddress"] == '"Acme News" <news@acme.example>'
    assert request["ReplyToAddresses"] == ["office@acme.example"]
    assert request["ConfigurationSetName"] == "clarion-events"
    assert [entry["Destination"] for entry in entries(aws)] == [
        {"ToAddresses": ["reader1@example.com"]},
        {"ToAddresses": ["reader2@example.com"]},
    ]
    assert entries(aws)[1]["ReplacementTags"] == [
        {"Name": "message", "Value": "m2"},
        {"Name": "organisation", "Value": "acme"},
    ]
    assert entries(aws)[0]["ReplacementHeaders"] == [
        {"Name": "List-Unsubscribe", "Value": f"<{URL}>, <mailto:unsubscribe@acme.example>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
        {"Name": "List-Id", "Value": "<news.acme.example>"},
        {"Name": "Feedback-ID", "Value": "c1:acme:campaign:clarion"},
    ]


def test_the_inline_template_holds_plain_variables_and_the_data_all_content():
    ses, aws = channel(bulk_answer(2))
    ses.send([a_mail(1, subject="S", html="<b>{{x}}</b>", text='"T"'), a_mail(2)])
    template = aws.calls[0][1]["DefaultContent"]["Template"]["TemplateContent"]
    data = json.loads(entries(aws)[0]["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
    assert {part: data[variable.strip("{}")] for part, variable in template.items()} == {
        "Subject": "S",
        "Html": "<b>{{x}}</b>",
        "Text": '"T"',
    }
    assert all(variable.count("{") == 2 for variable in template.values())


def test_hostile_strings_come_out_of_the_template_data_unchanged():
    strings = json.loads(shared("hostile_strings/blns.json").read_text())
    for start in range(0, len(strings), 50):
        chunk = strings[start : start + 50]
        ses, aws = channel(bulk_answer(len(chunk)))
        ses.send([a_mail(n, subject=one_line(text), html=text, text=text) for n, text in enumerate(chunk)])
        assert aws.problems == []
        read = [
            json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
            for entry in entries(aws)
        ]
        assert [data["clarion_html"] for data in read] == chunk
        assert [data["clarion_text"] for data in read] == chunk


def test_one_mail_alone_is_a_plain_send_email_within_the_model():
    ses, aws = channel({"MessageId": "v1"})
    assert ses.send([a_mail(subject="Grüße", html="<p>é</p>")]) == [Accepted("v1")]
    [(operation, request)] = aws.calls
    assert (operation, aws.problems) == ("SendEmail", [])
    simple = request["Content"]["Simple"]
    assert simple["Subject"] == {"Data": "Grüße", "Charset": "UTF-8"}
    assert simple["Body"]["Html"]["Data"] == "<p>é</p>"
    assert simple["Headers"][1] == {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}
    assert request["EmailTags"][0] == {"Name": "message", "Value": "m1"}
    assert request["ConfigurationSetName"] == "clarion-events"


def test_mail_without_extras_is_within_the_model_too():
    bare: dict[str, Any] = {"reply_to": None, "unsubscribe_url": None, "unsubscribe_mailto": None, "list_id": None,
            "feedback_id": None, "message_tags": {}}  # fmt: skip
    client = create_client("eu-west-1")
    aws = ModelledAws(client, [{"MessageId": "v"}, bulk_answer(2)])
    ses = SesChannel(client)
    ses.send([a_mail(1, **bare)])
    ses.send([a_mail(1, **bare), a_mail(2, **bare)])
    assert aws.problems == []
    assert all("ReplyToAddresses" not in request and "ConfigurationSetName" not in request for _, request in aws.calls)


def test_the_largest_mail_is_within_the_model_alone_and_in_bulk():
    host = "https://t.example/u?t="
    largest: dict[str, Any] = {
        "sender": Mailbox(f"{'n' * 64}@acme.example", "N" * MAX_NAME), "subject": "é" * MAX_SUBJECT,
        "unsubscribe_url": host + "t" * (MAX_HEADER - len("List-Unsubscribe<>" + host)), "unsubscribe_mailto": None,
        "list_id": "l" * (MAX_HEADER - len("List-Id<>")), "feedback_id": "f" * (MAX_HEADER - len("Feedback-ID")),
        "message_tags": {"t" * 256: "v" * 256},
    }  # fmt: skip
    ses, aws = channel({"MessageId": "v"}, bulk_answer(2))
    assert ses.send([a_mail(1, **largest)]) == [Accepted("v")]
    assert ses.send([a_mail(1, **largest), a_mail(2, **largest)]) == [Accepted("v1"), Accepted("v2")]
    assert aws.problems == []


def test_mails_of_two_senders_take_two_calls_and_keep_their_order():
    ses, aws = channel(bulk_answer(2, first=1), bulk_answer(2, first=3))
    other = Mailbox("shop@acme.example")
    outcomes = ses.send([a_mail(1), a_mail(2, sender=other), a_mail(3), a_mail(4, sender=other)])
    assert outcomes == [Accepted("v1"), Accepted("v3"), Accepted("v2"), Accepted("v4")]
    assert [request["FromEmailAddress"] for _, request in aws.calls] == [
        '"Acme News" <news@acme.example>',
        "shop@acme.example",
    ]


def test_no_call_exceeds_the_megabyte_an_inline_template_may_have():
    sizes: list[int] = []
    client = create_client("eu-west-1")
    client.meta.events.register("before-send.sesv2.*", lambda request, **_: sizes.append(len(request.body)))
    ModelledAws(client, [bulk_answer(50)])
    outcomes = SesChannel(client).send([a_mail(n, html="é<br>\n" * 10_000) for n in range(50)])
    assert len(outcomes) == 50
    assert 1 < len(sizes) < 50
    assert max(sizes) <= MAX_REQUEST


@pytest.mark.parametrize("html", ["x" * MAX_TEMPLATE_DATA, "é" * (MAX_TEMPLATE_DATA // 2), "\x01" * 200_000])
def test_a_mail_too_large_for_bulk_goes_by_itself(html):
    ses, aws = channel({"MessageId": "alone"}, bulk_answer(2))
    assert ses.send([a_mail(1), a_mail(2, html=html), a_mail(3)]) == [Accepted("v1"), Accepted("alone"), Accepted("v2")]
    assert [operation for operation, _ in aws.calls] == ["SendEmail", "SendBulkEmail"]
    assert aws.problems == []


def test_a_name_and_domains_beyond_ascii_are_encoded_as_ses_demands():
    ses, aws = channel({"MessageId": "v"})
    ses.send([a_mail(sender=Mailbox("n@bücher.example", "Zoë"), to="a@bücher.example", reply_to="r@bücher.example")])
    [(_, request)] = aws.calls
    assert request["FromEmailAddress"] == "=?utf-8?B?Wm/Dqw==?= <n@xn--bcher-kva.example>"
    assert request["Destination"] == {"ToAddresses": ["a@xn--bcher-kva.example"]}
    assert request["ReplyToAddresses"] == ["r@xn--bcher-kva.example"]


def test_a_reader_ses_cannot_address_costs_the_others_nothing():
    ses, aws = channel(bulk_answer(2))
    first, second, third, fourth = ses.send(
        [a_mail(1), a_mail(2, to="zoë@example.com"), a_mail(3), a_mail(4, to="a@-ü")]
    )
    assert (first, third) == (Accepted("v1"), Accepted("v2"))
    assert isinstance(second, Rejected)
    assert isinstance(fourth, Rejected)
    assert len(entries(aws)) == 2


@pytest.mark.parametrize("changes", [{"sender": Mailbox("zoë@acme.example")}, {"reply_to": "zoë@acme.example"},
                                     {"sender": Mailbox("a@-ü")}])  # fmt: skip
def test_a_sender_ses_cannot_use_stops_without_a_call(changes):
    ses, aws = channel({"MessageId": "v"})
    [outcome] = ses.send([a_mail(**changes)])
    assert isinstance(outcome, Stop)
    assert aws.calls == []


def test_more_than_fifty_mails_are_the_callers_mistake():
    ses, _ = channel(bulk_answer(50))
    with pytest.raises(ValueError, match="at most 50"):
        ses.send([a_mail(n) for n in range(51)])


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        ("MESSAGE_REJECTED", "virus", Rejected("MESSAGE_REJECTED", "virus")),
        ("INVALID_PARAMETER", None, Rejected("INVALID_PARAMETER", "INVALID_PARAMETER")),
        ("ACCOUNT_THROTTLED", "slow down", Retry(None, "slow down", throttled=True)),
        ("TRANSIENT_FAILURE", "later", Retry(None, "later")),
        ("FAILED", "oops", Retry(None, "oops")),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "x", Stop("MAIL_FROM_DOMAIN_NOT_VERIFIED", "x")),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", "x", Stop("ACCOUNT_DAILY_QUOTA_EXCEEDED", "x")),
        ("ACCOUNT_SENDING_PAUSED", "x", Stop("ACCOUNT_SENDING_PAUSED", "x")),
        ("CONFIGURATION_SET_NOT_FOUND", "x", Stop("CONFIGURATION_SET_NOT_FOUND", "x")),
        ("MESSAGE_REJECTED", "Email is not verified.", Stop("MESSAGE_REJECTED", "Email is not verified.")),
        ("", None, Unknown("Amazon SES gave no status for the message")),
    ],
)  # fmt: skip
def test_each_entry_of_a_bulk_answer_has_its_own_outcome(status, error, outcome):
    result = {"Status": status} | ({"Error": error} if error else {})
    ses, _ = channel({"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "v1"}, result]})
    assert ses.send([a_mail(1), a_mail(2)]) == [Accepted("v1"), outcome]


def test_every_status_of_awss_model_has_a_decided_outcome():
    model = create_client("eu-west-1").meta.service_model
    for status in model.shape_for("BulkEmailStatus").enum:
        ses, _ = channel({"BulkEmailEntryResults": [{"Status": status, "MessageId": "v"}] * 2})
        assert not isinstance(ses.send([a_mail(1), a_mail(2)])[0], Unknown)


def test_an_entry_without_a_result_is_unknown():
    ses, _ = channel(bulk_answer(1))
    assert ses.send([a_mail(1), a_mail(2)]) == [Accepted("v1"), Unknown("Amazon SES gave no result for the message")]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded."), Retry),
        (Refusal(400, "ThrottlingException"), Retry),
        (Refusal(429, "TooManyRequestsException", "Daily message quota exceeded"), Stop),
        (Refusal(400, "LimitExceededException"), Stop),
        (Refusal(400, "AccountSuspendedException"), Stop),
        (Refusal(400, "SendingPausedException"), Stop),
        (Refusal(400, "MailFromDomainNotVerifiedException"), Stop),
        (Refusal(404, "NotFoundException", "Configuration set <x> does not exist"), Stop),
        (Refusal(403, "AccessDeniedException"), Stop),
        (Refusal(403, "ExpiredTokenException"), Stop),
        (Refusal(400, "MessageRejected", "Email address is not verified. The following identities failed"), Stop),
        (Refusal(500, "InternalFailure"), Unknown),
        (Refusal(503, "ServiceUnavailable"), Unknown),
    ],
)
def test_a_call_that_fails_as_a_whole_is_one_attempt_and_one_outcome_for_all(refusal, expected):
    ses, aws = channel(refusal)
    outcomes = ses.send([a_mail(1), a_mail(2), a_mail(3)])
    assert [type(outcome) for outcome in outcomes] == [expected] * 3
    assert aws.attempts == 1


@pytest.mark.parametrize(
    "refusal",
    [Refusal(400, "MessageRejected", "virus"), Refusal(400, "BadRequestException"), Refusal(413, "RequestTooLong")],
)
def test_a_refused_bulk_call_is_taken_apart_so_that_one_bad_mail_costs_no_other(refusal):
    ses, aws = channel(refusal, {"MessageId": "v1"}, refusal, {"MessageId": "v3"})
    first, second, third = ses.send([a_mail(1), a_mail(2), a_mail(3)])
    assert (first, third) == (Accepted("v1"), Accepted("v3"))
    assert isinstance(second, Rejected)
    assert [operation for operation, _ in aws.calls] == ["SendBulkEmail", "SendEmail", "SendEmail", "SendEmail"]
    assert [request["Destination"]["ToAddresses"] for _, request in aws.calls[1:]] == [
        ["reader1@example.com"],
        ["reader2@example.com"],
        ["reader3@example.com"],
    ]


@pytest.mark.parametrize(
    ("refusal", "first", "rest"),
    [
        (Refusal(400, "AccountSuspendedException"), Stop, Stop),
        (Refusal(429, "TooManyRequestsException"), Retry, Retry),
        (Refusal(500, "InternalFailure"), Unknown, Retry),
    ],
)
def test_after_a_failed_call_the_rest_is_not_even_tried(refusal, first, rest):
    ses, aws = channel(refusal)
    outcomes = ses.send([a_mail(1), a_mail(2), a_mail(3, sender=Mailbox("shop@acme.example"))])
    assert [type(outcome) for outcome in outcomes] == [first, first, rest]
    assert aws.attempts == 1


def through(server: LoopbackHttp, monkeypatch: pytest.MonkeyPatch, **timeouts: float) -> SesChannel:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    return SesChannel(create_client("eu-west-1", **timeouts))


def test_an_answer_to_one_mail_that_names_no_message_is_unknown(monkeypatch):
    with LoopbackHttp((200, b"<html>")) as server:
        assert through(server, monkeypatch).send([a_mail()]) == [Unknown("Amazon SES answered without a message id")]
        assert server.requests == 1


def test_a_name_that_does_not_resolve_may_be_retried(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://nowhere.invalid")
    [outcome] = SesChannel(create_client("eu-west-1")).send([a_mail()])
    assert outcome == Retry(None, "no connection to Amazon SES")


def test_a_server_that_speaks_no_tls_may_be_retried(monkeypatch):
    with LoopbackHttp((200, b"{}")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url.replace("http:", "https:"))
        [outcome] = SesChannel(create_client("eu-west-1")).send([a_mail()])
        assert outcome == Retry(None, "no TLS connection to Amazon SES")
        assert server.requests == 0


def test_a_certificate_nobody_vouches_for_may_be_retried(monkeypatch, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = server_context(write_certificate(tmp_path))

        def refuse() -> None:
            peer, _ = listener.accept()
            with peer, pytest.raises(ssl.SSLError):
                context.wrap_socket(peer, server_side=True)

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{listener.getsockname()[1]}")
        [outcome] = SesChannel(create_client("eu-west-1")).send([a_mail()])
        thread.join()
    assert outcome == Retry(None, "the certificate of the Amazon SES endpoint does not verify")


def test_missing_credentials_stop_the_channel(monkeypatch, tmp_path: Path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    [outcome] = SesChannel(create_client("eu-west-1")).send([a_mail()])
    assert outcome == Stop("NoCredentialsError", "the request to Amazon SES could not be made")
