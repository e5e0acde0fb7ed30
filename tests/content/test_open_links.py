"""Where a contact's values decide what a link leads to, the rendered link is judged."""

import json
import re

import html5lib
import pytest

from clarion.content.compile import compile_mail
from clarion.content.open_links import SCHEMES, fault_of_links, has_open_links
from clarion.domain.rendering import RenderFailed
from clarion.domain.template import MailSource
from tests.content.mails import CONTACT, render
from tests.shared_data import shared

STRINGS = json.loads(shared("hostile_strings/blns.json").read_text())
LINK = compile_mail(MailSource(subject="s", html='<a href="{{ attributes.u }}">x</a>', text="x"))


def href_of(url: str) -> str | None:
    """What a mail client finds in the link of a rendered mail."""
    contact = CONTACT | {"attributes": {"u": url}}
    html = LINK.render(contact, link_urls=[], open_url=None, unsubscribe_url="http://127.0.0.1:4566/u/x").html
    href: str | None = html5lib.parse(html, namespaceHTMLElements=False).find(".//a").get("href")
    return href


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("javascript:alert(1)", "begins with javascript:"),
        ("JaVaScRiPt:alert(1)", "begins with javascript:"),
        ("\x01\x1f javascript:alert(1)", "begins with javascript:"),
        ("java\tscr\nipt:alert(1)", "begins with javascript:"),
        ("java\x00script:alert(1)", "control characters"),
        ("\u00a0javascript:alert(1)", "no known scheme"),
        ("\ufeffjavascript:alert(1)", "no known scheme"),
        ("%6Aavascript:alert(1)", "no known scheme"),
        ("data:text/html,<script>alert(1)</script>", "begins with data:"),
        ("vbscript:msgbox(1)", "begins with vbscript:"),
        ("file:///etc/passwd", "begins with file:"),
        ("{{javascript:x}}", "no known scheme"),
        ("https://bank.example@evil.example/", "user name"),
        ("https:\\\\bank.example@evil.example/", "user name"),
        ("https:bank.example@evil.example", "user name"),
        ("https://a.example/\x7f", "control characters"),
        ("//share.example/x", "no scheme"),
        ("\\\\share.example\\x", "no scheme"),
    ],
)
def test_a_link_that_could_do_more_than_lead_somewhere_is_no_mail(url: str, reason: str) -> None:
    with pytest.raises(RenderFailed) as failed:
        href_of(url)

    assert failed.value.part == "html"
    assert reason in failed.value.reason
    assert "alert" not in failed.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        "#top",
        "https://shop.example/?a=1&b=javascript:x",
        "HTTP://shop.example",
        "http://127.0.0.1:4566/c/1",
        "https://intranet.local/@ann",
        "mailto:ann@example.com?subject=Hi: you",
        "tel:+49301",
        "sms:+49301",
        "account/1?next=a:b",
        "/account",
        "https://shop.example/{# not a comment",
    ],
)
def test_what_is_harmless_stays_as_it_is(url: str) -> None:
    assert href_of(url) == url


@pytest.mark.parametrize("naughty", STRINGS, ids=range(len(STRINGS)))
def test_a_naughty_string_as_a_link_is_refused_or_has_a_safe_scheme(naughty: str) -> None:
    try:
        href = href_of(naughty)
    except RenderFailed:
        return
    assert href == naughty
    plain = re.sub(r"[\t\n\r]", "", href.strip("".join(map(chr, range(33)))))
    scheme, colon, _ = re.split(r"[/?#]", plain)[0].partition(":")
    assert not colon or scheme.lower() in SCHEMES


@pytest.mark.parametrize(
    "html",
    [
        '<a href="{{ attributes.u }}">x</a>',
        "<a href={{ attributes.u }}>x</a>",
        "<AREA HREF='{{ attributes.u }}'>",
        "<a {{ attributes.u }}>x</a>",
        '<{{ "a" }} href="{{ attributes.u }}">x</a>',
        '<a title={{ attributes.u }} href="https://shop.example/">x</a>',
        '<a href="https://{{ attributes.u }}/">x</a>',
        '<a href="https:{{ attributes.u }}">x</a>',
        "<a href=https://shop.example/{{ attributes.u }}>x</a>",
        '<a {% if attributes.u %}href="{{ attributes.u }}"{% endif %}>x</a>',
        '{% for unsubscribe_url in [attributes.u] %}<a href="{{ unsubscribe_url }}">x</a>{% endfor %}',
        '{% set clarion_link_0 = attributes.u %}<a href="https://shop.example/">x</a>',
        "{{ attributes.u | safe }}",
        "{% autoescape false %}{{ attributes.u }}{% endautoescape %}",
    ],
)
def test_a_template_whose_links_depend_on_the_contact_is_known(html: str) -> None:
    assert has_open_links(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>{{ attributes.u }}</p>",
        '<p title="{{ attributes.u }}">Stay safe</p>',
        '<a href="{{unsubscribe_url}}">x</a><a href="{{ clarion_link_12 }}" title="{{ attributes.u }}">x</a>',
        '<a href="https://shop.example/?c={{ contact.id }}">x</a><a href=" mailto:{{ attributes.u }}">x</a>',
    ],
)
def test_a_template_whose_links_are_settled_needs_no_judging(html: str) -> None:
    assert not has_open_links(html)


def test_an_unquoted_value_cannot_bring_a_link_of_its_own() -> None:
    with pytest.raises(RenderFailed, match="javascript"):
        render("<a title={{ attributes.u }}>x</a>", contact={"attributes": {"u": "x href=javascript:alert(1)"}})


def test_a_contact_cannot_hide_a_link_in_what_looks_like_a_template_comment() -> None:
    html = "<p>{{ attributes.a }}</p><a href='{{ attributes.u }}'>x</a><p>{{ attributes.b }}</p>"
    with pytest.raises(RenderFailed, match="javascript"):
        render(html, contact={"attributes": {"a": "{#", "u": "javascript:alert(1)", "b": "#}"}})


def test_links_in_comments_are_no_links() -> None:
    assert fault_of_links("<!-- <a href='javascript:x'> --><p>javascript:x</p>") is None
