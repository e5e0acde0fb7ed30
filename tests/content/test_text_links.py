"""Web addresses in plain text: where they begin and end, which are refused, which are replaced."""

import pytest

from clarion.content.text_links import addresses, replaced, settled_addresses, unsafe_addresses

SHOP = "https://shop.example/sale"


@pytest.mark.parametrize("text", [
    SHOP, f"{SHOP} ", f"{SHOP}.", f"{SHOP}, ", f"{SHOP}!?", f"({SHOP})", f"({SHOP}).", f"[{SHOP}]", f"<{SHOP}>",
    f'"{SHOP}"', f"'{SHOP}'", f"„{SHOP}“", f"“{SHOP}”", f"«{SHOP}»", f"‘{SHOP}’", f"{SHOP}…", f"{SHOP}—now",
    f"{SHOP}–", f"Now:{SHOP}", f"看 {SHOP}。", f"「{SHOP}」", f"（{SHOP}）", f"*{SHOP}*", f"{SHOP};",
    f"{SHOP}\n", f"{SHOP}\u200b", f"{SHOP}\u00a0x", f"{SHOP}\tx", f"{SHOP}`",
])  # fmt: skip
def test_an_address_ends_where_the_sentence_or_the_bracket_around_it_does(text: str) -> None:
    [found] = addresses(text)
    assert found.written == SHOP
    assert text[found.start : found.end] == SHOP


@pytest.mark.parametrize("url", [
    "https://en.example/wiki/Link_(game)", "https://x.example/a(b)c", "https://x.example/?a=1&b=2#c",
    "http://x.example:8080/", "HTTPS://X.EXAMPLE/", "https://x.example/a,b;c", "https://x.example/-_", "https://x.example",
    "https://bücher.example/ä?ö=ü", "https://x.example/🎉", "https://x.example/it's", "https://x.example/Paris–Roubaix",
    "https://x.example/?u=https://y.example/", "https://x.example/a%20b", "https://x.example/[1]", "https://x.example/~a",
])  # fmt: skip
def test_what_belongs_to_an_address_stays_in_it(url: str) -> None:
    assert [found.written for found in addresses(f"See {url}.")] == [url]
    assert [found.written for found in addresses(f"({url})")] == [url]


@pytest.mark.parametrize(
    "text",
    ["", "shop.example", "www.shop.example/sale", "ftp://x.example/", "mailto:a@x.example", "https://", "https:// x",
     "Annhttps://x.example/", "web.example/https://x.example/", "x=https://x.example/", "https://.", "a@https://x.example/"],
)  # fmt: skip
def test_what_is_no_address_or_part_of_another_one_is_none(text: str) -> None:
    assert list(addresses(text)) == []


def test_destinations_are_what_a_browser_opens() -> None:
    [found] = addresses("https://bücher.example/ä b")
    assert found.destination == "https://xn--bcher-kva.example/%C3%A4"


@pytest.mark.parametrize(("source", "settled"), [
    ("https://x.example/{{ contact.id }}", []),
    ("https://x.example/?c={{ contact.id }}&d=1", []),
    ("https://{{ attributes.host }}/x", []),
    ("https://x.example/sale,{{ contact.firstName }}", []),
    ("{{ attributes.url }}", []),
    ("{{ 'https://x.example/' }}", []),
    ("{% set url = 'https://x.example/' %}", []),
    ("{# https://x.example/ #}", []),
    ("{% raw %}https://x.example/{% endraw %}", []),
    ("{{ contact.firstName }} https://x.example/", ["https://x.example/"]),
    ("{{ contact.firstName }}https://x.example/", ["https://x.example/"]),
    ("https://x.example/ {{ contact.firstName }}", ["https://x.example/"]),
    ("(https://x.example/){{ contact.firstName }}", []),  # its end is known with the value alone
    ("{% if a %}https://x.example/1{% else %}https://x.example/2{% endif %}", ["https://x.example/1", "https://x.example/2"]),
])  # fmt: skip
def test_addresses_with_an_expression_in_them_are_not_settled(source: str, settled: list[str]) -> None:
    assert [found.written for found in settled_addresses(source)] == settled


@pytest.mark.parametrize("url", [
    "https://bank.example@evil.example/", "https://u:p@x.example/", "http://localhost/", "http://127.0.0.1/",
    "http://2130706433/", "http://0x7f.1/", "https://x.internal/", "https://evil.example\\@x.example/", "http://[::1]/",
    "http://10.0.0.1/x", "https:///x", "https://x.example:99999/", "https://a..b$/",
])  # fmt: skip
def test_unsafe_addresses_are_named(url: str) -> None:
    [unsafe] = unsafe_addresses(f"See {url} now")
    assert unsafe.href == url
    assert unsafe.reason


def test_known_addresses_are_replaced_and_nothing_else() -> None:
    known = {SHOP: "https://t.example/0", "https://shop.example/": "https://t.example/1"}
    text = f"({SHOP}) {SHOP}/2 https://shop.example/. HTTPS://other.example/ x"
    assert replaced(text, known.get) == (
        f"(https://t.example/0) {SHOP}/2 https://t.example/1. HTTPS://other.example/ x"
    )
