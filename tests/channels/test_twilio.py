"""Twilio: requests within its own contract and equal to its SDK's, every answer mapped by what it proves."""

from base64 import b64decode
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # ships no types
from twilio.rest import Client  # type: ignore[import-untyped]

from clarion.channels.twilio import REPEATING, TwilioChannel
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.text_message import TextChannel
from tests.channels.texts import a_text
from tests.contract_servers.server import ContractServer, Received, Reply
from tests.contract_servers.text_vendors import twilio

NOW = 1_795_251_600.0
ACCOUNT = "AC" + "a" * 32
SERVICE = "MG" + "b" * 32
TOKEN = "very-secret-token"
CALLBACK = "https://hooks.acme.example/webhooks/twilio"
SID = "SM" + "a" * 32  # of the contract's example


def channel(url: str, **options: Any) -> TwilioChannel:
    return TwilioChannel(ACCOUNT, ACCOUNT, TOKEN, CALLBACK, url, now=lambda: NOW, **options)


def outcome(reply: Reply, **options: Any) -> Outcome:
    with ContractServer(twilio(), reply) as server:
        [found] = channel(server.url, **options).send([a_text()])
        assert (len(server.received), server.problems) == (1, [])
    return found


def refusal(status: int, code: int | None, message: str = "no") -> Reply:
    return Reply(status, body={"code": code, "message": message, "more_info": "https://…", "status": status})


def test_a_message_is_this_request():
    with ContractServer(twilio()) as server:
        assert channel(server.url).send([a_text()]) == [Accepted(SID)]
        assert server.problems == []
    [request] = server.received
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == f"{ACCOUNT}:{TOKEN}"
    assert request.body == {
        "To": ["+12065550101"],
        "From": ["+12065550199"],
        "Body": ["Hello 1: 10 % off – see https://acme.example/é"],
        "StatusCallback": [f"{CALLBACK}?org=acme&contact=ann1&campaign=k&run=1&step=1#rc=3&rp=ct,rt,5xx"],
    }


def test_a_messaging_service_is_named_as_one():
    with ContractServer(twilio()) as server:
        channel(server.url).send([a_text(sender=SERVICE, message_tags={})])
        assert server.problems == []
    body = server.received[0].body
    assert (body["MessagingServiceSid"], body["StatusCallback"]) == ([SERVICE], [CALLBACK + REPEATING])
    assert "From" not in body


class Redirected(TwilioHttpClient):  # type: ignore[misc]  # untyped, too
    """The SDK's own client, whose requests go to the loopback server."""

    def __init__(self, url: str) -> None:
        super().__init__(pool_connections=False)
        self._url = url

    def request(self, method: str, url: str, *positional: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *positional, **named)


def by_the_sdk(text: Any, sender: dict[str, str]) -> Received:
    tags = "&".join(f"{name}={value}" for name, value in text.message_tags.items())
    with ContractServer(twilio()) as server:
        client = Client(ACCOUNT, TOKEN, http_client=Redirected(server.url))
        client.messages.create(to=text.to, body=text.body, status_callback=f"{CALLBACK}?{tags}{REPEATING}", **sender)
        assert server.problems == []
    return server.received[0]


@pytest.mark.parametrize(("text", "sender"), [
    (a_text(), {"from_": "+12065550199"}),
    (a_text(sender="ACME Shop", body="a+b & c=d\n100 % 😀 €"), {"from_": "ACME Shop"}),
    (a_text(sender=SERVICE), {"messaging_service_sid": SERVICE}),
])  # fmt: skip
def test_twilios_own_sdk_sends_the_same_request(text, sender):
    theirs = by_the_sdk(text, sender)
    with ContractServer(twilio()) as server:
        channel(server.url).send([text])
    [ours] = server.received
    assert (ours.method, ours.path, ours.body) == (theirs.method, theirs.path, theirs.body)
    for header in ("Authorization", "Content-Type"):
        assert ours.headers[header] == theirs.headers[header]


def test_each_message_of_a_batch_gets_its_own_call_and_its_own_outcome():
    texts = [a_text(number) for number in range(10)]
    with ContractServer(twilio(), Reply(drop=True), refusal(400, 21211), refusal(429, 20429)) as server:
        port: TextChannel = channel(server.url)
        found = port.send(texts)
        assert port.send([]) == []
        with pytest.raises(ValueError, match="at most 10"):
            port.send([*texts, a_text(10)])
        assert sorted(request.body["To"][0] for request in server.received) == [text.to for text in texts]
    kinds = sorted(type(each).__name__ for each in found)
    assert kinds == ["Accepted"] * 7 + ["Rejected", "Retry", "Unknown"]


@pytest.mark.parametrize(("reply", "seconds"), [
    (Reply(429, {"Retry-After": "7"}, {"code": 20429, "message": "Too Many Requests"}), 7),
    (refusal(429, 20429), None),
    (Reply(429, body=b"<html>"), None),
    (refusal(400, 21611, "the queue of the number is full"), None),
])  # fmt: skip
def test_throttling_is_a_retry(reply, seconds):
    found = outcome(reply)
    assert isinstance(found, Retry)
    assert (found.after_seconds, found.throttled) == (seconds, True)


@pytest.mark.parametrize("body", [b"", b"{", [], {}, {"sid": ""}, {"sid": 7}])
def test_a_success_that_names_no_message_is_unknown(body):
    assert outcome(Reply(201, body=body)) == Unknown("Twilio answered without a message sid")


def test_whoever_has_opted_out_is_rejected_by_a_code_of_its_own():
    found = outcome(refusal(400, 21610, "Attempt to send to unsubscribed recipient"))
    assert found == Rejected("OptedOut", "Attempt to send to unsubscribed recipient")


@pytest.mark.parametrize(("code", "message"), [
    (21211, "Invalid 'To' Phone Number"),
    (21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    (21612, "The 'To' phone number is not currently reachable using the 'From' phone number"),
    (21614, "'To' number is not a valid mobile number"),
    (21617, "The concatenated message body exceeds the 1600 character limit"),
    (21635, "'To' number cannot be a Landline Number"),
    (99999, "'To' number is of a kind nobody has heard of yet"),
])  # fmt: skip
def test_what_is_wrong_with_this_message_is_a_refusal(code, message):
    assert outcome(refusal(400, code, message)) == Rejected(str(code), message)


@pytest.mark.parametrize(("status", "code", "message"), [
    (401, 20003, "Authenticate"),
    (403, 20003, "Permission denied"),
    (404, 20404, "The requested resource was not found"),
    (400, 21212, "Invalid From Number"),
    (400, 21606, "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account"),
    (400, 21608, "The number is unverified. Trial accounts cannot send messages to unverified 'To' numbers"),
    (400, 21609, "Invalid 'StatusCallback' URL"),
    (400, 21659, "'From' is not a Twilio phone number"),
    (400, 99999, "something new"),
])  # fmt: skip
def test_what_is_wrong_with_the_account_stops_the_channel(status, code, message):
    assert outcome(refusal(status, code, message)) == Stop(str(code), message)


@pytest.mark.parametrize("reply", [Reply(400, body=b"<html>"), Reply(400, body=[]), Reply(410), Reply(301)])
def test_an_answer_in_other_words_stops_the_channel(reply):
    assert isinstance(outcome(reply), Stop)


def test_neither_secrets_nor_numbers_are_quoted():
    found = outcome(refusal(401, 20003, f"token {TOKEN} may not write to +12065550101"))
    assert found == Stop("20003", "token [secret] may not write to …")


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"account_sid": "AC1"}, "account sid"),
    ({"account_sid": f"{ACCOUNT}/../x"}, "account sid"),
    ({"status_callback": "http://hooks.acme.example/"}, "https URL"),
    ({"status_callback": "http://localhost.acme.example/"}, "https URL"),
    ({"status_callback": "http://127.0.0.1.acme.example/"}, "https URL"),
    ({"status_callback": "ftp://localhost/"}, "https URL"),
    ({"status_callback": "https:///hooks"}, "https URL"),
    ({"status_callback": f"{CALLBACK}?a=b"}, "without a query"),
    ({"base_url": "http://api.twilio.com"}, "https"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_at_once(changes, complaint):
    settings = {"account_sid": ACCOUNT, "user": ACCOUNT, "secret": TOKEN, "status_callback": CALLBACK}
    with pytest.raises(ValueError, match=complaint):
        TwilioChannel(**settings | changes)


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost", "x1.execute-api.localhost:4566"])
def test_on_this_machine_callbacks_come_without_tls(host):
    callback = f"http://{host}/connect/webhooks/twilio/acme"
    with ContractServer(twilio()) as server:
        TwilioChannel(ACCOUNT, ACCOUNT, TOKEN, callback, server.url).send([a_text(message_tags={})])
    [url] = server.received[0].body["StatusCallback"]
    assert url == callback + REPEATING
