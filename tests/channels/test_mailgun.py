"""Mailgun's requests within its own contract, and what its answers mean."""

from base64 import b64encode
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from clarion.channels import mime
from clarion.channels.mailgun import MailgunChannel
from clarion.domain.mail import Mailbox
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Stop
from tests.channels.mails import URL, a_mail
from tests.contract_servers.mail_vendors import mailgun
from tests.contract_servers.server import ContractServer, Reply

KEY = "key-of-acme"
DOMAIN = "mg.acme.example"
NOW = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)


def channel(server: ContractServer) -> MailgunChannel:
    return MailgunChannel(KEY, DOMAIN, server.url, now=NOW.timestamp)


def verdict(reply: Reply) -> Outcome:
    with ContractServer(mailgun(), reply) as server:
        [found] = channel(server).send([a_mail()])
        assert (server.problems, len(server.received)) == ([], 1)
    return found


def test_a_mail_is_this_form_and_its_message_our_own_bytes():
    mail = a_mail()
    with ContractServer(mailgun(), Reply(body={"id": "<m1@acme.example>", "message": "Queued. Thank you."})) as server:
        assert channel(server).send([mail]) == [Accepted("m1@acme.example")]
        assert server.problems == []
    [request] = server.received
    assert (request.method, request.path) == ("POST", f"/v3/{DOMAIN}/messages.mime")
    assert request.headers["Authorization"] == "Basic " + b64encode(f"api:{KEY}".encode()).decode()
    assert request.body == {
        "to": ["reader1@example.com"],
        "message": [mime.build(mail, NOW)],
        "o:tracking": ["no"],
        "o:tracking-clicks": ["no"],
        "o:tracking-opens": ["no"],
        "v:message": ["m1"],
        "v:organisation": ["acme"],
    }
    sent = message_from_bytes(request.body["message"][0], policy=policy.default)
    assert sent["List-Unsubscribe"] == f"<{URL}>, <mailto:unsubscribe@acme.example>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_beyond_ascii_arrives_octet_by_octet():
    mail = a_mail(sender=Mailbox("zoë@bücher.example", "Zoë"), to="zoë@bücher.example", html="<p>🎈\r\n.\r\n--x</p>")
    with ContractServer(mailgun()) as server:
        [found] = channel(server).send([mail])
        assert server.problems == []
    assert found == Accepted("message-id")  # as Mailgun's document shows it
    assert server.received[0].body["to"] == ["zoë@xn--bcher-kva.example"]
    assert server.received[0].body["message"] == [mime.build(mail, NOW)]


def test_each_mail_of_a_batch_gets_its_own_call_and_its_own_outcome():
    mails = [a_mail(number) for number in range(10)]
    with ContractServer(mailgun()) as server:
        assert channel(server).send(mails) == [Accepted("message-id")] * 10
        with pytest.raises(ValueError, match="at most 10"):
            channel(server).send([*mails, a_mail(10)])
    assert {request.body["to"][0] for request in server.received} == {mail.to for mail in mails}
    assert (len(server.received), server.problems) == (10, [])


def test_an_accepted_mail_without_an_id_has_its_own():
    assert verdict(Reply(200, body=b"OK")) == Accepted("m1@acme.example")


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_wrong_with_this_mail_is_a_refusal(status):
    text = "to parameter is not a valid address. please check documentation"
    assert verdict(Reply(status, body={"message": text})) == Rejected(str(status), text)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
def test_what_is_wrong_with_the_account_stops_the_channel(status):
    assert verdict(Reply(status, body=b"Forbidden")) == Stop(str(status), "Forbidden")


@pytest.mark.parametrize("text", [
    "Domain mg.acme.example is not allowed to send: The domain is unverified and requires DNS configuration.",
    "Sandbox subdomains are for test purposes only. Please add your own domain.",
    "'from' parameter is not a valid address. please check documentation",
])  # fmt: skip
def test_a_bad_request_about_domain_or_sender_stops_the_channel_before_it_uses_up_everybody(text):
    assert verdict(Reply(400, body={"message": text})) == Stop("400", text)


@pytest.mark.parametrize("domain", ["", "acme", "acme.example/v3", "acme example.com", "../x.example", "a@b.example"])
def test_a_domain_that_is_none_is_refused(domain):
    with pytest.raises(ValueError, match="not a domain"):
        MailgunChannel(KEY, domain)


def test_a_sender_whose_domain_is_none_stops_the_channel_and_such_a_recipient_is_refused():
    domain = "a@" + "ü" * 64 + ".example"
    with ContractServer(mailgun()) as server:
        [sender] = channel(server).send([a_mail(sender=Mailbox(domain))])
        [recipient] = channel(server).send([a_mail(to=domain)])
    assert isinstance(sender, Stop)
    assert isinstance(recipient, Rejected)
    assert server.received == []
