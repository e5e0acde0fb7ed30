import re
from base64 import b64decode, b64encode
from hashlib import sha256

import html5lib
import pytest

from clarion.hot import answers, pages

ALL = [pages.CONFIRM, pages.UNSUBSCRIBED, pages.NOT_FOUND, pages.UNAVAILABLE]


@pytest.mark.parametrize("html", ALL)
def test_a_page_is_valid_and_names_its_language_title_and_one_heading(html: str) -> None:
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert root.get("lang") == "en"
    (heading,) = root.iter("h1")
    assert heading.text == root.findtext("head/title")
    assert "width=device-width" in html
    assert len(html) < 2_000


def test_the_policy_allows_exactly_the_style_of_the_pages() -> None:
    styles = {style for html in ALL for style in re.findall("<style>(.*?)</style>", html, re.DOTALL)}
    (style,) = styles
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in pages.SECURITY_POLICY
    assert "default-src 'none'" in pages.SECURITY_POLICY
    assert "unsafe" not in pages.SECURITY_POLICY


@pytest.mark.parametrize("html", ALL)
def test_a_page_loads_nothing_and_runs_nothing(html: str) -> None:
    assert not re.search(r"<script|src=|href=|url\(|\son\w+=|style=", html)


def test_the_form_posts_to_its_own_address_by_a_labelled_button() -> None:
    root = html5lib.parse(pages.CONFIRM, namespaceHTMLElements=False)
    (form,) = root.iter("form")
    assert (form.get("method"), form.get("action")) == ("post", "")
    assert [button.text for button in form.iter("button")] == ["Unsubscribe"]


def test_the_picture_is_a_gif_of_43_bytes() -> None:
    gif = b64decode(answers.GIF)
    assert len(gif) == 43
    assert gif[:10] == b"GIF89a\x01\x00\x01\x00"
    assert gif[-1:] == b";"
