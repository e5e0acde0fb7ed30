"""SendGrid's requests within its own contract, and what its answers mean."""

import pytest

from clarion.channels.sendgrid import SendGridChannel
from clarion.domain.mail import Mailbox
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Stop
from tests.channels.mails import URL, a_mail
from tests.contract_servers.mail_vendors import sendgrid
from tests.contract_servers.server import ContractServer, Reply

KEY = "SG.key-of-acme"
REFUSAL = {"errors": [{"message": "Does not contain a valid address.", "field": "personalizations.0.to.0.email"}]}


def verdict(reply: Reply) -> Outcome:
    with ContractServer(sendgrid(), reply) as server:
        [found] = SendGridChannel(KEY, server.url).send([a_mail()])
        assert (server.problems, len(server.received)) == ([], 1)
    return found


def test_a_mail_is_this_request():
    with ContractServer(sendgrid(), Reply(202, {"X-Message-Id": "14c5d75ce93"})) as server:
        assert SendGridChannel(KEY, server.url).send([a_mail()]) == [Accepted("14c5d75ce93")]
        assert server.problems == []
    [request] = server.received
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "personalizations": [
            {"to": [{"email": "reader1@example.com"}], "custom_args": {"message": "m1", "organisation": "acme"}}
        ],
        "from": {"email": "news@acme.example", "name": "Acme News"},
        "reply_to": {"email": "office@acme.example"},
        "subject": "Hello 1",
        "content": [
            {"type": "text/plain", "value": "Hello 1\n"},
            {"type": "text/html", "value": "<p>Hello 1</p>\n"},
        ],
        "headers": {
            "Message-ID": "<m1@acme.example>",
            "List-Unsubscribe": f"<{URL}>, <mailto:unsubscribe@acme.example>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": "<news.acme.example>",
            "Feedback-ID": "c1:acme:campaign:clarion",
        },
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }


def test_a_mail_with_the_least_and_one_beyond_ascii_keep_to_the_contract():
    least = a_mail(
        sender=Mailbox("news@bücher.example"), reply_to=None, text="", unsubscribe_url=None, unsubscribe_mailto=None,
        list_id=None, feedback_id=None, message_tags={},
    )  # fmt: skip
    wide = a_mail(2, sender=Mailbox("a@b.example", 'Zoë "Z", Inc.'), to="zoe@bücher.example", subject="¡Grüße! 🎈")
    with ContractServer(sendgrid()) as server:
        found = SendGridChannel(KEY, server.url).send([least, wide])
        assert server.problems == []
    assert found == [Accepted("<m1@acme.example>"), Accepted("<m2@acme.example>")]
    bodies = sorted((request.body for request in server.received), key=lambda body: str(body["headers"]["Message-ID"]))
    assert bodies[0]["from"] == {"email": "news@xn--bcher-kva.example"}
    assert bodies[0]["content"] == [{"type": "text/html", "value": "<p>Hello 1</p>\n"}]
    assert bodies[1]["from"] == {"email": "a@b.example", "name": 'Zoë "Z", Inc.'}
    assert bodies[1]["personalizations"][0]["to"] == [{"email": "zoe@xn--bcher-kva.example"}]
    assert bodies[1]["subject"] == "¡Grüße! 🎈"


def test_each_mail_of_a_batch_gets_its_own_call_and_its_own_outcome():
    mails = [a_mail(number) for number in range(10)]
    with ContractServer(sendgrid()) as server:
        channel = SendGridChannel(KEY, server.url)
        assert channel.send(mails) == [Accepted(mail.message_id) for mail in mails]
        assert channel.send([]) == []
        with pytest.raises(ValueError, match="at most 10"):
            channel.send([*mails, a_mail(10)])
    told = {request.body["personalizations"][0]["to"][0]["email"] for request in server.received}
    assert told == {mail.to for mail in mails}
    assert (len(server.received), server.problems) == (10, [])


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_wrong_with_this_mail_is_a_refusal(status):
    assert verdict(Reply(status, body=REFUSAL)) == Rejected(str(status), "Does not contain a valid address.")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 406, 415])
def test_what_is_wrong_with_the_account_stops_the_channel(status):
    reply = Reply(status, body={"errors": [{"message": "The provided authorization grant is invalid"}]})
    assert verdict(reply) == Stop(str(status), "The provided authorization grant is invalid")


@pytest.mark.parametrize(("field", "code"), [
    ("from", "InvalidSender"), ("from.email", "InvalidSender"), ("reply_to.email", "InvalidSender"),
    ("tracking_settings.click_tracking", "InvalidRequest"),
])  # fmt: skip
def test_a_bad_request_about_the_sender_stops_the_channel_before_it_uses_up_everybody(field, code):
    reply = Reply(400, body={"errors": [{"message": "Does not contain a valid address.", "field": field}]})
    assert verdict(reply) == Stop(code, "Does not contain a valid address.")


@pytest.mark.parametrize("body", [
    b"", b"<html>", [], {"errors": None}, {"errors": ["x"]}, {"errors": [{"field": None}]},
])  # fmt: skip
def test_a_refusal_in_other_words_is_one_all_the_same(body):
    assert isinstance(verdict(Reply(400, body=body)), Rejected)


def test_a_sender_whose_domain_is_none_stops_the_channel_and_such_a_recipient_is_refused():
    domain = "a@" + "ü" * 64 + ".example"
    with ContractServer(sendgrid()) as server:
        channel = SendGridChannel(KEY, server.url)
        [sender] = channel.send([a_mail(sender=Mailbox(domain))])
        [recipient] = channel.send([a_mail(to=domain)])
    assert isinstance(sender, Stop)
    assert isinstance(recipient, Rejected)
    assert server.received == []
