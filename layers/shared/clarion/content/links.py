"""The links of an HTML mail: found, judged and rewritten in place."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from clarion.content.markup import Attribute, Token, TokenKind, decoded_value, tokens

LinkKind = Literal["http", "https", "mailto", "tel", "anchor", "relative", "empty", "javascript", "placeholder"]

_TEMPLATE_MARK = re.compile(r"\{\{|\{%|\*\|[^|]*\|\*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_INVISIBLE_ENDS = "".join(map(chr, range(0x21)))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[a-z0-9_.-]+\Z")
_NUMERIC_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
_PRIVATE_NAMES = ("localhost", "local", "internal")
# What quote() must keep: reserved and unreserved characters of RFC 3986, and escapes already made.
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~\\|^`{}"


@dataclass(frozen=True, slots=True)
class Link:
    """One href of an ``a`` or ``area``.

    ``href`` has its character references resolved and is otherwise as written; ``source[start:end]`` is its place.
    """

    tag: str
    href: str
    kind: LinkKind
    start: int
    end: int
    quote: str

    @property
    def tracked(self) -> bool:
        return self.kind in ("http", "https")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """``links[number]`` is a destination; ``placeholders`` are the hrefs known only per contact, left alone."""

    html: str
    links: tuple[str, ...]
    placeholders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsafeLink:
    href: str
    reason: str


def find_links(html: str) -> list[Link]:
    """Every href in document order; comments, scripts and template comments hold none."""
    return [link for token in tokens(html) for link in links_of(html, token)]


def links_of(html: str, token: Token) -> Iterator[Link]:
    """The links of one token: none or one, or one per branch of ``<a {% if … %}href=… {% else %}href=…>``."""
    if token.kind is not TokenKind.START or token.name not in ("a", "area"):
        return
    hrefs = [attribute for attribute in token.attributes if attribute.name == "href"]
    branches = "{%" in html[token.start : token.end]
    for attribute in hrefs if branches else hrefs[:1]:
        yield _link(html, token.name, attribute)


def link_kind(href: str) -> LinkKind:
    """What a mail client would make of it; ``relative`` is whatever has no scheme of the others.

    A URL with a template expression anywhere in it is a placeholder, unless its scheme (``mailto:``, ``tel:``,
    ``javascript:``) already says that it is not a web page.
    """
    plain = as_browsers_read(href).lower()
    if not plain:
        return "empty"
    if plain.startswith("#"):
        return "anchor"
    for scheme in ("mailto", "tel", "javascript"):
        if plain.startswith(f"{scheme}:"):
            return scheme
    if _TEMPLATE_MARK.search(plain):
        return "placeholder"
    if plain.startswith("http:"):
        return "http"
    return "https" if plain.startswith("https:") else "relative"


def destination(href: str) -> str:
    """The URL a browser would open, in ASCII: usable in a Location header.

    White space around it and line breaks inside are dropped, an international host becomes punycode, other
    characters outside ASCII and spaces are percent-encoded. What cannot be parsed stays and is found unsafe.
    """
    url = as_browsers_read(href)
    if url.isascii() and " " not in url:
        return url
    try:
        parts = urlsplit(url)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
        url = urlunsplit(parts._replace(netloc=host))
    except ValueError:  # UnicodeError of the host is one
        pass
    return quote(url, safe=_URL_CHARACTERS, errors="replace")


def rewrite_links(html: str, replace: Callable[[int, str], str]) -> Rewritten:
    """Put ``replace(number, destination)`` in the place of each http and https href; the rest stays byte by byte.

    Numbers count distinct destinations in order of first appearance, so two buttons to one page share a number.
    The quotes stay and the new value is escaped for them; a value equal to the destination leaves the source.
    """
    numbers: dict[str, int] = {}
    placeholders: list[str] = []
    pieces: list[str] = []
    at = 0
    for link in find_links(html):
        if link.kind == "placeholder":
            placeholders.append(link.href)
        if not link.tracked:
            continue
        url = destination(link.href)
        value = replace(numbers.setdefault(url, len(numbers)), url)
        if value != url:
            pieces += (html[at : link.start], _escaped(value, link.quote))
            at = link.end
    pieces.append(html[at:])
    return Rewritten("".join(pieces), tuple(numbers), tuple(placeholders))


def unsafe_links(html: str) -> list[UnsafeLink]:
    """Links that no mail of ours may carry, each with the reason; placeholders can only be judged once rendered."""
    judged = ((link, unsafe_reason(link)) for link in find_links(html))
    return [UnsafeLink(link.href, reason) for link, reason in judged if reason]


def unsafe_reason(link: Link) -> str | None:
    """Why this link is refused, or None."""
    if link.kind == "javascript" or (link.kind == "relative" and _SCHEME.match(as_browsers_read(link.href))):
        return "only http, https, mailto and tel links are allowed"
    if not link.tracked:
        return None
    if _CONTROL.search(as_browsers_read(link.href)):
        return "the URL holds control characters"
    return unsafe_url(destination(link.href))


def unsafe_url(url: str) -> str | None:
    """Why nobody may be led to a web address; None where they may."""
    if "\\" in url.partition("?")[0]:
        return "the URL holds a backslash, which browsers and servers read differently"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the URL cannot be parsed"
    if not host:
        return "the URL names no host"
    if "@" in parts.netloc:
        return "the URL holds a user name or password"
    return _unsafe_host(host.rstrip("."))


def _unsafe_host(host: str) -> str | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host):
            return "the host is not a host name"
        last_label = host.rpartition(".")[2]
        if _NUMERIC_LABEL.match(last_label):
            return "the host is an obscured IP address"
        return "the host is not public" if last_label in _PRIVATE_NAMES else None
    return None if address.is_global else "the host is not public"


def _link(html: str, tag: str, attribute: Attribute) -> Link:
    href = decoded_value(html[attribute.start : attribute.end])
    return Link(tag, href, link_kind(href), attribute.start, attribute.end, attribute.quote)


def as_browsers_read(href: str) -> str:
    """Without the white space and control characters around it and the line breaks and tabs inside."""
    return re.sub(r"[\t\n\r]", "", href.strip(_INVISIBLE_ENDS))


def _escaped(value: str, quote_mark: str) -> str:
    value = value.replace("&", "&amp;")
    if quote_mark:
        return value.replace(quote_mark, "&#34;" if quote_mark == '"' else "&#39;")
    return re.sub(r"[\t\n\f\r \"'<>`]", lambda special: f"&#{ord(special[0])};", value)
