"""What cannot become a mail, and the headers bulk mail carries."""

import pytest

from clarion.domain.mail import MAX_HEADER, Mailbox, one_line
from tests.channels.mails import a_mail


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\t"])
@pytest.mark.parametrize(
    "field", ["subject", "to", "reply_to", "unsubscribe_url", "list_id", "feedback_id", "message_id"]
)
def test_no_field_smuggles_a_header_line(field, break_):
    good = getattr(a_mail(), field)
    for bad in (good + break_, good[:3] + break_ + "Bcc: evil@example.com", break_ + good):
        with pytest.raises(ValueError, match=r"."):
            a_mail(**{field: bad})


@pytest.mark.parametrize("name", ["Acme\r\nBcc: evil@example.com", "Acme\n", "\x00"])
def test_no_display_name_smuggles_a_header_line(name):
    with pytest.raises(ValueError, match="control character"):
        Mailbox("news@acme.example", name)


@pytest.mark.parametrize("address", ["", "x", "@x", "x@", "a b@x.example", "a@x.example, b@x.example", "<a@x.example>"])
def test_only_a_bare_address_is_an_address(address):
    with pytest.raises(ValueError, match="not an e-mail address"):
        a_mail(to=address)
    with pytest.raises(ValueError, match="not an e-mail address"):
        Mailbox(address)


@pytest.mark.parametrize("field", ["subject", "html", "text"])
def test_half_a_character_is_refused_by_name(field):
    with pytest.raises(ValueError, match="surrogate"):
        a_mail(1, **{field: "x\ud83d"})


@pytest.mark.parametrize(
    "url",
    ["http://t.acme.example/u", "ftp://t.example/", "mailto:a@b.example", "https://", "https://t.example/a b",
     "https://t.example/>,<x", "https://t.example/ü", "http://localhost.evil.example/u", ""],
)  # fmt: skip
def test_one_click_needs_https(url):
    with pytest.raises(ValueError, match="unsubscribe URL"):
        a_mail(unsubscribe_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566/u", "http://api.localhost:4566/u", "http://[::1]/u"])
def test_one_click_may_be_plain_http_on_the_own_machine(url):
    assert a_mail(unsubscribe_url=url, unsubscribe_mailto=None).bulk_headers()[0] == ("List-Unsubscribe", f"<{url}>")


def test_a_mailto_alone_is_no_one_click():
    headers = dict(a_mail(unsubscribe_url=None).bulk_headers())
    assert headers["List-Unsubscribe"] == "<mailto:unsubscribe@acme.example>"
    assert "List-Unsubscribe-Post" not in headers


def test_a_header_too_long_for_a_line_is_refused():
    room = MAX_HEADER - len("List-Unsubscribe") - len("<>")
    start = "https://t.example/"
    longest = start + "x" * (room - len(start))
    assert a_mail(unsubscribe_url=longest, unsubscribe_mailto=None)
    with pytest.raises(ValueError, match="List-Unsubscribe is longer"):
        a_mail(unsubscribe_url=longest + "x", unsubscribe_mailto=None)


@pytest.mark.parametrize("tags", [{"a b": "x"}, {"a": "x@y"}, {"": "x"}, {"a": ""}, {"a": "x" * 257}])
def test_a_tag_the_vendors_would_refuse_is_refused(tags):
    with pytest.raises(ValueError, match="message tag"):
        a_mail(message_tags=tags)


def test_one_line_makes_any_text_fit_a_header():
    assert one_line(" Hello\r\nBcc: you\t\x00 there \x85") == "Hello Bcc: you there"
    assert a_mail(subject=one_line("a\r\nb")).subject == "a b"
