"""SMTP against a real server on loopback: the bytes it receives, and what each failure proves."""

import email
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from clarion.channels import mime
from clarion.channels.smtp import SmtpChannel
from clarion.channels.smtp_server import SmtpServer
from clarion.domain.mail import Mailbox, one_line
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from tests.channels.certificates import client_context, server_context, write_certificate
from tests.channels.mails import URL, a_mail
from tests.channels.smtp_server import CUT, LoopbackSmtp
from tests.shared_data import shared

DATE = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)


def channel_to(server: LoopbackSmtp, scheme: str = "smtp", login: str = "", **options: Any) -> SmtpChannel:
    url = f"{scheme}://{login}127.0.0.1:{server.port}"
    return SmtpChannel(SmtpServer.parse(url), now=lambda: DATE, **options)


def send_once(server: LoopbackSmtp, **changes: Any) -> Outcome:
    channel = channel_to(server)
    [outcome] = channel.send([a_mail(**changes)])
    channel.close()
    return outcome


def body(message: EmailMessage, subtype: str) -> Any:
    """The part of that subtype."""
    return message.get_body((subtype,))


@pytest.fixture
def server() -> Iterator[LoopbackSmtp]:
    with LoopbackSmtp() as running:
        yield running


def test_the_server_receives_exactly_the_bytes_of_the_message(server):
    assert send_once(server) == Accepted("<m1@acme.example>")
    [received] = server.received
    assert (received.sender, received.recipients) == ("news@acme.example", ["reader1@example.com"])
    assert received.content == mime.build(a_mail(), DATE)


def test_the_one_click_headers_arrive_as_rfc_8058_demands(server):
    token = "t" * 600
    send_once(server, unsubscribe_url=f"https://t.example/u?t={token}", unsubscribe_mailto=None)
    lines = server.received[0].content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <https://t.example/u?t={token}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert sum(line.lower().startswith(b"list-unsubscribe:") for line in lines) == 1


def test_lines_that_begin_with_dots_arrive_whole(server):
    text = ".\n..\n.hidden\nend.\n"
    send_once(server, text=text, html="." * 200)
    message = email.message_from_bytes(server.received[0].content, policy=policy.default)
    assert body(message, "plain").get_content() == text.replace("\n", "\r\n")
    assert body(message, "html").get_content().strip() == "." * 200


def test_hostile_strings_arrive_whole_through_one_connection(server):
    strings = json.loads(shared("hostile_strings/blns.json").read_text())
    channel = channel_to(server)
    for number, text in enumerate(strings):
        mail = a_mail(number, subject=one_line(text), sender=Mailbox("n@acme.example", one_line(text)[:256]), text=text)
        assert channel.send([mail]) == [Accepted(f"<m{number}@acme.example>")]
    channel.close()
    assert server.greetings == 1
    for text, received in zip(strings, server.received, strict=True):
        message = email.message_from_bytes(received.content, policy=policy.default)
        assert message["Subject"] == one_line(text)
        assert message["List-Unsubscribe"].startswith(f"<{URL}>")
        assert body(message, "plain").get_payload(decode=True).decode() == "\r\n".join(text.split("\n"))


def test_many_mails_go_through_one_connection(server):
    channel = channel_to(server)
    assert [channel.send([a_mail(n)])[0] for n in range(5)] == [Accepted(f"<m{n}@acme.example>") for n in range(5)]
    channel.close()
    assert server.greetings == 1


def test_a_kept_connection_the_server_closed_is_replaced_unnoticed(server):
    channel = channel_to(server)
    channel.send([a_mail(1)])
    server.cut_all()
    assert channel.send([a_mail(2)]) == [Accepted("<m2@acme.example>")]
    channel.close()
    assert [received.recipients for received in server.received] == [["reader1@example.com"], ["reader2@example.com"]]
    assert server.greetings == 2


def test_a_kept_connection_told_to_go_is_replaced_once_and_no_more():
    with LoopbackSmtp({"MAIL": ["", "421 idle too long", "421 still closing"]}) as server:
        channel = channel_to(server)
        channel.send([a_mail(1)])
        assert channel.send([a_mail(2)]) == [Retry(None, "MAIL FROM: 421 still closing")]
        assert server.greetings == 2
        assert channel.send([a_mail(3)]) == [Accepted("<m3@acme.example>")]
        channel.close()
        assert len(server.received) == 2


@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        ("MAIL", "451 busy", Retry(None, "MAIL FROM: 451 busy")),
        ("MAIL", "421 closing", Retry(None, "MAIL FROM: 421 closing")),
        ("MAIL", "550 not your domain", Stop("550", "MAIL FROM: 550 not your domain")),
        ("MAIL", "530 authentication required", Stop("530", "MAIL FROM: 530 authentication required")),
        ("MAIL", "552 too large", Rejected("552", "MAIL FROM: 552 too large")),
        ("MAIL", CUT, Retry(None, "the mail server closed the connection")),
        ("RCPT", "550 5.1.1 unknown", Rejected("550", "RCPT TO: 550 5.1.1 unknown")),
        ("RCPT", "450 greylisted", Retry(None, "RCPT TO: 450 greylisted")),
        ("RCPT", "421 closing", Retry(None, "RCPT TO: 421 closing")),
        ("RCPT", "530 log in", Stop("530", "RCPT TO: 530 log in")),
        ("RCPT", CUT, Retry(None, "the mail server closed the connection")),
        ("DATA", "554 no", Rejected("554", "DATA: 554 no")),
        ("DATA", "451 busy", Retry(None, "DATA: 451 busy")),
        ("DATA", "421 closing", Retry(None, "DATA: 421 closing")),
        ("DATA", "250 what", Retry(None, "DATA: 250 what")),
        ("DATA", CUT, Retry(None, "the mail server closed the connection")),
        ("verdict", "550 spam", Rejected("550", "after the message: 550 spam")),
        ("verdict", "451 try later", Retry(None, "after the message: 451 try later")),
        ("verdict", "535 expired", Stop("535", "after the message: 535 expired")),
        ("verdict", "421 closing", Unknown("after the message: 421 closing")),
        ("verdict", "999 what", Unknown("after the message: 999 what")),
        ("verdict", CUT, Unknown("the connection was lost after the message left")),
    ],
)
def test_what_an_answer_proves_depends_on_the_stage(stage, answer, expected):
    with LoopbackSmtp({stage: [answer]}) as server:
        channel = channel_to(server)
        assert channel.send([a_mail(1)]) == [expected]
        assert (server.greetings, server.letters, server.received) == (1, int(stage == "verdict"), [])
        assert channel.send([a_mail(2)]) == [Accepted("<m2@acme.example>")]  # whatever came before
        channel.close()
        assert [received.recipients for received in server.received] == [["reader2@example.com"]]


def test_a_refused_reader_does_not_cost_the_connection():
    with LoopbackSmtp({"RCPT": ["550 unknown", "450 later"]}) as server:
        channel = channel_to(server)
        outcomes = [channel.send([a_mail(n)])[0] for n in range(3)]
        channel.close()
        assert [type(outcome) for outcome in outcomes] == [Rejected, Retry, Accepted]
        assert server.greetings == 1


def test_a_connection_lost_in_the_middle_of_the_content_may_be_retried():
    with LoopbackSmtp({"content": [CUT]}) as server:
        outcome = send_once(server, html="x" * 8_000_000)
        assert isinstance(outcome, Retry)
        assert server.received == []


def test_a_message_the_server_announces_as_too_large_is_not_even_sent():
    with LoopbackSmtp(size_limit=2_000) as server:
        assert isinstance(send_once(server, html="x" * 5_000), Rejected)
        assert isinstance(send_once(server), Accepted)


def test_silence_after_the_final_dot_is_unknown_and_before_it_a_retry():
    with Scripted([b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"]) as silent:
        channel = SmtpChannel(SmtpServer.parse(silent.url), verdict_seconds=0.2)
        assert channel.send([a_mail()]) == [Unknown("the connection was lost after the message left")]
    with Scripted([b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"]) as silent:
        channel = SmtpChannel(SmtpServer.parse(silent.url), reply_seconds=0.2)
        assert isinstance(channel.send([a_mail()])[0], Retry)


class Scripted:
    """Says these lines, one a client's line, then nothing more; for greetings and silences aiosmtpd cannot do."""

    def __init__(self, lines: list[bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines, self._over = lines, threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self.url = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"

    def _talk(self) -> None:
        peer, _ = self._listener.accept()
        with peer, peer.makefile("rb") as heard:
            for number, line in enumerate(self._lines):
                if number:
                    heard.readline()
                peer.sendall(line)
            self._over.wait(10)

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._listener.close()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"421 too busy\r\n"], Retry(None, "421 too busy")),
        ([b"554 no service here\r\n"], Stop("554", "554 no service here")),
        ([b"220 hi\r\n", b"550 who\r\n", b"550 who\r\n"], Stop("550", "550 who")),
        ([b"SSH-2.0-OpenSSH\r\n"], Retry(None, "-1 2.0-OpenSSH")),
    ],
)
def test_a_server_that_will_not_talk(lines, expected):
    with Scripted(lines) as server:
        assert SmtpChannel(SmtpServer.parse(server.url)).send([a_mail()]) == [expected]


def test_a_refused_connection_may_be_retried():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        channel = SmtpChannel(SmtpServer("127.0.0.1", nobody.getsockname()[1], "none"))
        [outcome] = channel.send([a_mail()])
    assert isinstance(outcome, Retry)
    assert "refused" in outcome.reason


def test_a_name_that_does_not_resolve_may_be_retried():
    assert isinstance(SmtpChannel(SmtpServer("nowhere.invalid", 25, "none")).send([a_mail()])[0], Retry)


def test_the_right_password_opens_the_server():
    with LoopbackSmtp(password=b"s3cret p@ss") as server:
        channel = channel_to(server, login="clarion:s3cret%20p%40ss@")
        assert channel.send([a_mail()]) == [Accepted("<m1@acme.example>")]
        channel.close()


def test_a_wrong_password_stops_the_channel_and_is_not_told():
    with LoopbackSmtp(password=b"right") as server:
        channel = channel_to(server, login="clarion:wr0ng@")
        [outcome] = channel.send([a_mail()])
        assert isinstance(outcome, Stop)
        assert outcome.code == "535"
        assert "wr0ng" not in repr((outcome, channel._server))


def test_a_login_the_server_does_not_offer_stops_the_channel(server):
    [outcome] = channel_to(server, login="clarion:x@").send([a_mail()])
    assert isinstance(outcome, Stop)


def test_a_server_that_wants_a_login_stops_the_channel_without_one():
    with LoopbackSmtp(password=b"right") as server:
        assert isinstance(send_once(server), Stop)


def test_starttls_is_used_and_the_certificate_checked(tmp_path: Path):
    certificate = write_certificate(tmp_path)
    with LoopbackSmtp(tls=server_context(certificate)) as server:
        trusting = channel_to(server, "smtp+starttls", tls=client_context(certificate))
        assert trusting.send([a_mail()]) == [Accepted("<m1@acme.example>")]
        trusting.close()
        [outcome] = channel_to(server, "smtp+starttls").send([a_mail()])
        assert outcome == Retry(None, "no TLS connection to the mail server: CERTIFICATE_VERIFY_FAILED")
        assert len(server.received) == 1


def test_a_server_without_starttls_gets_nothing_when_starttls_is_demanded(server):
    [outcome] = channel_to(server, "smtp+starttls").send([a_mail()])
    assert outcome == Stop("SMTPNotSupportedError", "STARTTLS extension not supported by server.")
    assert server.received == []


def test_tls_from_the_first_octet(tmp_path: Path):
    certificate = write_certificate(tmp_path)
    with LoopbackSmtp(tls=server_context(certificate), implicit_tls=True) as server:
        channel = channel_to(server, "smtps", tls=client_context(certificate))
        assert channel.send([a_mail()]) == [Accepted("<m1@acme.example>")]
        channel.close()


def test_a_reader_beyond_ascii_needs_a_server_that_knows_them(server):
    assert isinstance(send_once(server, to="zoë@bücher.example"), Accepted)
    [received] = server.received
    assert received.recipients == ["zoë@xn--bcher-kva.example"]
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(received.options)
    assert "To: zoë@xn--bcher-kva.example\r\n".encode() in received.content
    with LoopbackSmtp(utf8=False) as old:
        assert isinstance(send_once(old, to="zoë@example.com"), Rejected)
        assert isinstance(send_once(old, to="zoe@bücher.example"), Accepted)


def test_a_domain_that_cannot_be_written_is_the_readers_or_the_senders_fault(server):
    assert isinstance(send_once(server, to="a@-ü"), Rejected)
    assert isinstance(send_once(server, sender=Mailbox("a@-ü")), Stop)
    assert isinstance(send_once(server, reply_to="a@-ü"), Stop)
    assert server.greetings == 0


def test_two_mails_at_once_are_the_callers_mistake(server):
    with pytest.raises(ValueError, match="at most 1"):
        channel_to(server).send([a_mail(1), a_mail(2)])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://u:p@mail.example.com", SmtpServer("mail.example.com", 465, "tls", "u", "p")),
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 587, "starttls")),
        ("smtp://u%40x:p%2F%3A@mail.example.com:2525/", SmtpServer("mail.example.com", 2525, "starttls", "u@x", "p/:")),
        ("smtp+starttls://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, "starttls")),
        ("smtp+plain://relay.internal", SmtpServer("relay.internal", 25, "none")),
        ("smtp://localhost:1025", SmtpServer("localhost", 1025, "none")),
        ("smtp://u:p@[::1]:1025", SmtpServer("::1", 1025, "none", "u", "p")),
    ],
)
def test_one_url_says_where_and_how(url, expected):
    assert SmtpServer.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:99999", "smtp://h:x", "smtp://u:hunter2@",
     "smtp://u@h", "smtp://:hunter2@h", "smtp://h/path", "smtp://h?x=hunter2", "smtp+plain://u:hunter2@mail.example.com",
     "smtps://u:hunter2ü@h", "smtp://hö", "smtp://[::1", "smtp://a..b", "smtp://" + "a" * 64],
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_refused_without_telling_the_password(url):
    with pytest.raises(ValueError, match=r"^\S.+") as refusal:
        SmtpServer.parse(url)
    assert "hunter2" not in str(refusal.value)
