"""The bytes of a message: exact header lines, limits, content that arrives as it was written."""

import email
import json
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.mime import build, mailbox_header, needs_smtputf8
from clarion.domain.mail import Mail, Mailbox, one_line
from tests.channels.mails import TOKEN, URL, a_mail
from tests.shared_data import shared

DATE = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
HEADER_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


def wire(mail: Mail) -> bytes:
    return build(mail, DATE)


def parsed(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(wire(mail), policy=policy.default)


def header_lines(mail: Mail) -> list[bytes]:
    return wire(mail).partition(b"\r\n\r\n")[0].split(b"\r\n")


def body(mail: Mail, subtype: str) -> str:
    part = parsed(mail).get_body((subtype,))
    assert part is not None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def test_every_header_is_exactly_this_line():
    assert header_lines(a_mail()) == [
        b"Date: Sat, 21 Nov 2026 09:00:05 +0000",
        b'From: "Acme News" <news@acme.example>',
        b"To: reader1@example.com",
        b"Reply-To: office@acme.example",
        b"Subject: Hello 1",
        b"Message-ID: <m1@acme.example>",
        f"List-Unsubscribe: <{URL}>, <mailto:unsubscribe@acme.example>".encode(),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"List-Id: <news.acme.example>",
        b"Feedback-ID: c1:acme:campaign:clarion",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/alternative; boundary="=_clarion_alternative"',
    ]


def test_a_very_long_unsubscribe_token_stays_on_one_line():
    url = "https://t.example/u?t=" + TOKEN * 10
    lines = header_lines(a_mail(unsubscribe_url=url, unsubscribe_mailto=None))
    assert f"List-Unsubscribe: <{url}>".encode() in lines


def test_mail_without_an_unsubscribe_url_says_nothing_of_lists():
    mail = a_mail(unsubscribe_url=None, unsubscribe_mailto=None, list_id=None, feedback_id=None)
    assert b"list-" not in wire(mail).lower()
    assert b"Feedback" not in wire(mail)


def test_text_comes_first_and_html_last():
    message = parsed(a_mail())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects


@pytest.mark.parametrize(
    "name",
    ["Acme, Inc.", 'Say "hi" \\ now', "Zoë", "株式会社アクメ" * 20, "=?utf-8?q?trick?=", "a@b.example", "x" * 256],
)
def test_a_display_name_reads_back_as_it_was_written(name):
    raw = wire(a_mail(sender=Mailbox("news@acme.example", name)))
    # The modern parser keeps the blanks between encoded words of a name, against RFC 2047, 6.2; the older one does not.
    message = email.message_from_bytes(raw, policy=policy.compat32)
    shown, address = parseaddr(message["From"].replace("\r\n", ""))
    assert str(make_header(decode_header(shown))) == name
    assert address == "news@acme.example"


@pytest.mark.parametrize(
    "subject", ["Grüße 🎉", "=?utf-8?q?trick?=", " edges ", "two  spaces", "x" * 2000, "ü" * 2000, "", "long " * 300]
)
def test_a_subject_reads_back_as_it_was_written(subject):
    assert parsed(a_mail(subject=subject))["Subject"] == subject


def test_encoded_words_keep_the_length_rfc_2047_allows():
    lines = header_lines(a_mail(subject="ü🎉" * 200, sender=Mailbox("n@acme.example", "é" * 200)))
    words = [word for line in lines for word in line.split() if word.startswith(b"=?")]
    assert len(words) > 20
    assert all(len(word) <= 75 for word in words)


@settings(deadline=None)  # a busy machine is no defect
@given(subject=HEADER_TEXT, name=HEADER_TEXT, html=ANY_TEXT, text=ANY_TEXT)
def test_any_content_survives_the_wire(subject, name, html, text):
    mail = a_mail(subject=subject, sender=Mailbox("news@acme.example", name), html=html, text=text)
    data = wire(mail)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert parsed(mail)["Subject"] == subject
    assert body(mail, "html") == crlf(html)
    assert body(mail, "plain") == crlf(text)


def test_hostile_strings_survive_in_subject_and_bodies():
    for hostile in json.loads(shared("hostile_strings/blns.json").read_text()):
        mail = a_mail(subject=one_line(hostile), html=hostile, text=hostile)
        assert parsed(mail)["Subject"] == one_line(hostile)
        assert (body(mail, "html"), body(mail, "plain")) == (crlf(hostile), crlf(hostile))


def test_body_lines_are_short_even_where_the_html_has_one_line():
    html = "<p>" + "x" * 50_000 + "</p>"
    assert max(len(line) for line in wire(a_mail(html=html)).split(b"\r\n")) <= 300
    assert body(a_mail(html=html), "html") == html


def test_mostly_foreign_text_goes_as_base64_and_mostly_ascii_stays_legible():
    assert b"Content-Transfer-Encoding: base64" in wire(a_mail(text="今日は" * 100))
    assert b"Content-Transfer-Encoding: base64" not in wire(a_mail(text="Liebe Grüße aus München und bis bald"))


def test_a_foreign_domain_goes_in_ascii_and_a_foreign_local_part_asks_for_smtputf8():
    punycode = a_mail(to="zoe@bücher.example")
    assert b"To: zoe@xn--bcher-kva.example" in header_lines(punycode)
    assert not needs_smtputf8(punycode)
    local = a_mail(to="zoë@bücher.example")
    assert "To: zoë@xn--bcher-kva.example".encode() in header_lines(local)
    assert needs_smtputf8(local)


def test_a_mailbox_header_is_one_line_unless_folding_is_asked_for():
    mailbox = Mailbox("n@acme.example", "é" * 100)
    assert "\n" not in mailbox_header(mailbox)
    assert "\r\n " in mailbox_header(mailbox, fold=True)
