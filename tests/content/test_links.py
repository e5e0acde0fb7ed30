"""Links are found as browsers find them and rewritten without touching anything else."""

import json
from typing import Any

import pytest
from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.content.links import destination, find_links, link_kind, rewrite_links, unsafe_links
from clarion.content.markup import TokenKind, decoded_value, tokens
from tests.shared_data import shared

MAILS = shared("email_templates")
TRUTH: dict[str, Any] = json.loads((MAILS / "links_truth_dev.json").read_text())


def mail(name: str) -> str:
    return (MAILS / name).read_bytes().decode()


@pytest.mark.parametrize("name", TRUTH)
def test_every_link_of_a_real_mail_is_found_in_order_with_its_kind(name: str) -> None:
    found = [{"tag": link.tag, "href": link.href, "kind": link.kind} for link in find_links(mail(name))]

    assert found == TRUTH[name]["hrefs"]


@pytest.mark.parametrize("name", TRUTH)
def test_rewriting_a_real_mail_changes_the_web_links_and_not_one_character_more(name: str) -> None:
    html = mail(name)
    web_links = [link for link in find_links(html) if link.kind in ("http", "https")]

    rewritten = rewrite_links(html, lambda number, _: f"https://t.example/{number}?a&b")

    found = find_links(rewritten.html)
    assert [link.href for link in found] == [
        f"https://t.example/{rewritten.links.index(destination(link.href))}?a&b" if link.tracked else link.href
        for link in find_links(html)
    ]
    assert without_tracked_values(rewritten.html) == without_tracked_values(html)
    assert set(rewritten.links) == {destination(link.href) for link in web_links}


@pytest.mark.parametrize("name", TRUTH)
def test_links_replaced_by_themselves_leave_the_identical_mail(name: str) -> None:
    assert rewrite_links(mail(name), lambda _, url: url).html == mail(name)


PIECES = [
    *(
        "<",
        ">",
        "</",
        "/",
        "=",
        '"',
        "'",
        " ",
        "\n",
        "\t",
        "\f",
        "-",
        "!",
        "&",
        "1",
        "a",
        "href",
        "area",
        "é",
        "B",
        "`",
    ),
    *(
        "<?",
        "]]>",
        "<!--",
        "-->",
        "--!>",
        "<![CDATA[",
        "<!doctype",
        "&copy=1",
        "&amp",
        "&not",
        "&notit;",
        "&#65",
        "&#x41;",
    ),
    *(
        "<a href=",
        '<A HREF="x&amp;y">',
        "<a href='https://x/'>",
        "</a>",
        "<script>",
        "</script>",
        "<title>",
        "</title>",
    ),
    *("<style", "</style >", "<textarea>", "</textarea", "<plaintext>"),
]
markup = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=400, deadline=None)
@given(markup)
def test_broken_markup_is_read_as_the_html_standard_says(html: str) -> None:
    assert start_tags(html) == start_tags_of_html5lib(html)


@settings(max_examples=400, deadline=None)
@given(markup)
def test_broken_markup_survives_rewriting(html: str) -> None:
    rewritten = rewrite_links(html, lambda number, _: f"https://t.example/{number}")

    assert without_tracked_values(rewritten.html) == without_tracked_values(html)
    assert rewrite_links(html, lambda _, url: url).html == html


def test_one_destination_has_one_number_however_it_is_written() -> None:
    html = "<a href=\"https://x/?a=1&amp;b=2\">1</a><a href=' https://x/?a=1&b=2\n'>2</a><a href=https://y/>3</a>"

    rewritten = rewrite_links(html, lambda number, _: f"L{number}")

    assert rewritten.links == ("https://x/?a=1&b=2", "https://y/")
    assert rewritten.html == "<a href=\"L0\">1</a><a href='L0'>2</a><a href=L1>3</a>"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('<a href="https://x">', '<a href="u?a=1&amp;b=&#34;\'> c">'),
        ("<a href='https://x'>", "<a href='u?a=1&amp;b=\"&#39;> c'>"),
        ("<a href=https://x>", "<a href=u?a=1&amp;b=&#34;&#39;&#62;&#32;c>"),
    ],
)
def test_the_new_value_is_escaped_for_the_quotes_that_stay(written: str, expected: str) -> None:
    rewritten = rewrite_links(written, lambda _number, _url: "u?a=1&b=\"'> c").html

    assert rewritten == expected
    assert find_links(rewritten)[0].href == "u?a=1&b=\"'> c"


def test_only_web_links_are_rewritten_and_placeholders_are_reported() -> None:
    html = (
        '<a href="mailto:a@b.example">m</a><a href="tel:1">t</a><a href="#x">a</a><a href="/r">r</a><a href="">e</a>'
        '<a href="javascript:x()">j</a><a href="{{ unsubscribe_url }}">u</a><a href="*|ARCHIVE|*">b</a>'
        '<a href="https://shop.example/?c={{ contact.id }}">s</a><a>n</a><link href="https://css.example">'
    )

    rewritten = rewrite_links(html, lambda _number, _url: "never")

    assert (rewritten.html, rewritten.links) == (html, ())
    assert rewritten.placeholders == (
        "{{ unsubscribe_url }}",
        "*|ARCHIVE|*",
        "https://shop.example/?c={{ contact.id }}",
    )


@pytest.mark.parametrize(
    ("html", "hrefs"),
    [
        ('{% if a < b %}<a href="https://x/">{% endif %}', ["https://x/"]),
        ('<p {% if a > "<" %}class="b"{% endif %}><a href="https://x/">', ["https://x/"]),
        ('<a {% if a %}href="https://x/"{% else %}href="https://y/"{% endif %}>', ["https://x/", "https://y/"]),
        ('<a href="{{ url("a") }}" title="<a href=z>">', ['{{ url("a") }}']),
        ('{# <a href="https://old/"> #}{% raw %}<a href="https://raw/">{% endraw %}', []),
        ('<!-- <a href="https://c/"> --><script>"<a href=https://s/>"</script><title><a href=t></title>', []),
        ('<a href="https://x/" href="https://y/">', ["https://x/"]),
    ],
)
def test_template_expressions_do_not_confuse_the_search(html: str, hrefs: list[str]) -> None:
    assert [link.href for link in find_links(html)] == hrefs


@pytest.mark.parametrize(
    ("href", "kind"),
    [
        (" HTTPS://x/ ", "https"),
        ("Http://x/", "http"),
        ("\x01java\nscript:x", "javascript"),
        ("MAILTO:{{ a }}", "mailto"),
        ("{% if a %}https://x{% endif %}", "placeholder"),
        ("http://x/*|UNIQID|*", "placeholder"),
        (" \n", "empty"),
        ("//x/", "relative"),
        ("www.x.example", "relative"),
    ],
)
def test_a_link_is_of_the_kind_a_mail_client_makes_of_it(href: str, kind: str) -> None:
    assert link_kind(href) == kind


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&copy=2&lang=en&section=3", "?a=1&copy=2&lang=en&section=3"),
        ("&copy;&eacute&#233;&#xe9", "©ééé"),
        ("&notit;&unknown;&", "&notit;&unknown;&"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_character_references_are_resolved_as_in_attributes(value: str, decoded: str) -> None:
    assert decoded_value(value) == decoded


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("  http://x.example/a\n b ", "http://x.example/a%20b"),
        ("https://münchen.example/straße?q=ü#é", "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC#%C3%A9"),
        ("https://x.example/100%25?a[]=1", "https://x.example/100%25?a[]=1"),
    ],
)
def test_a_destination_is_what_a_browser_would_ask_for(href: str, url: str) -> None:
    assert destination(href) == url


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        ("javascript:alert(1)", "only http"),
        ("data:text/html,x", "only http"),
        ("vb\tscript:x", "only http"),
        ("https://user@x.example/", "user name"),
        ("https://bank.example:pw@evil.example/", "user name"),
        ("https://bank.example\\@evil.example/", "backslash"),
        ("https://x.example/\x07a", "control"),
        ("https://x.example/é\x07a", "control"),
        ("https:///path", "no host"),
        ("http:", "no host"),
        ("https://[::1", "parsed"),
        ("https://x.example:99999/", "parsed"),
        ("https://127.0.0.1/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("https://[::1]/", "not public"),
        ("http://localhost:8000/", "not public"),
        ("http://db.internal./", "not public"),
        ("http://2130706433/", "obscured"),
        ("http://0x7f.1/", "obscured"),
        ("http://%65vil.example/", "not a host name"),
    ],
)
def test_an_unsafe_link_is_named_with_its_reason(href: str, reason: str) -> None:
    [unsafe] = unsafe_links(f'<a href="{href}">x</a>')

    assert (unsafe.href, reason in unsafe.reason) == (href, True)


@pytest.mark.parametrize(
    "href",
    ["https://x.example/@medium?a=b@c", "http://8.8.8.8/", "mailto:a@b", "tel:1", "#", "", "/p", "{{ u }}", "HTTP://X"],
)
def test_an_ordinary_link_is_safe(href: str) -> None:
    assert unsafe_links(f'<a href="{href}">x</a>') == []


def test_real_mails_are_safe_but_for_scripts_and_a_disguised_host() -> None:
    unsafe = {name: {found.reason for found in unsafe_links(mail(name))} for name in TRUTH}

    assert {name: reasons for name, reasons in unsafe.items() if reasons} == {
        "newsletters_2002_html/hardham_00250.html": {"only http, https, mailto and tel links are allowed"},
        "spam_2002_html/spam2_00285.html": {"the URL holds a user name or password"},
    }


def without_tracked_values(html: str) -> str:
    for link in reversed([link for link in find_links(html) if link.tracked]):
        html = html[: link.start] + html[link.end :]
    return html


def start_tags(html: str) -> list[tuple[str, dict[str, str]]]:
    found = []
    for token in tokens(html):
        if token.kind is TokenKind.START:
            values = {each.name: decoded_value(html[each.start : each.end]) for each in reversed(token.attributes)}
            found.append((token.name, values))
    return found


def start_tags_of_html5lib(html: str) -> list[tuple[str, dict[str, str]]]:
    tokenizer = HTMLTokenizer(html)
    content = {
        **dict.fromkeys(("title", "textarea"), tokenizer.rcdataState),
        "style": tokenizer.rawtextState,
        "script": tokenizer.scriptDataState,
        "plaintext": tokenizer.plaintextState,
    }
    found = []
    for token in tokenizer:
        if token["type"] == tokenTypes["StartTag"]:
            found.append((token["name"], dict(token["data"])))
            tokenizer.state = content.get(token["name"], tokenizer.state)
    return found
