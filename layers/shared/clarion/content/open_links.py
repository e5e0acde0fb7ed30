"""Links that are known only once a mail is rendered: which templates have them, and which a mail may carry."""

import re

from clarion.content.links import as_browsers_read
from clarion.content.markup import PLACEHOLDER, Token, TokenKind, decoded_value, tokens

SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})

_OWN_NAME = re.compile(r"unsubscribe_url|clarion_link_")
_OWN_EXPRESSION = re.compile(r"\{\{\s*(?:unsubscribe_url|clarion_link_[0-9]+)\s*\}\}")
_UNESCAPED = re.compile(r"\b(?:safe|autoescape)\b")
# What follows this can change neither the scheme nor the host.
_SETTLED = re.compile(r"\s*(?:https?://[^/?#\\@{}\s]+[/?#]|(?:mailto|tel|sms):)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PATH = re.compile(r"[/?#]")
_AFTER_HOST = re.compile(r"[/\\?#]")
_NAME = re.compile(r"[a-z][a-z0-9+.-]{0,29}")


def has_open_links(template: str) -> bool:
    """Whether a contact's values could decide where a link of this HTML template leads, or add one.

    The names of our own links are ours unless the template sets them; values are escaped unless it says otherwise.
    """
    template = _OWN_EXPRESSION.sub(lambda own: "x" * len(own[0]), template)
    if _OWN_NAME.search(template) or any(_UNESCAPED.search(each[0]) for each in PLACEHOLDER.finditer(template)):
        return True
    return any(_is_open(template, token) for token in tokens(template) if token.kind is TokenKind.START)


def fault_of_links(html: str) -> str | None:
    """Why a rendered mail must not be sent, or None; hosts are not judged."""
    for token in tokens(html, is_template=False):
        if token.kind is TokenKind.START and token.name in ("a", "area"):
            for attribute in token.attributes:
                if attribute.name == "href":
                    fault = _fault(decoded_value(html[attribute.start : attribute.end]))
                    if fault:
                        return fault
    return None


def _is_open(template: str, token: Token) -> bool:
    if PLACEHOLDER.search(template, token.start, token.start + 1 + len(token.name)):
        return True  # the element's very name is an expression
    if token.name not in ("a", "area"):
        return False
    at, rest = token.start, []
    for attribute in token.attributes:
        value = template[attribute.start : attribute.end]
        if attribute.quote and (attribute.name != "href" or _SETTLED.match(value)):
            rest.append(template[at : attribute.start])
            at = attribute.end
    return PLACEHOLDER.search("".join((*rest, template[at : token.end]))) is not None


def _fault(href: str) -> str | None:
    url = as_browsers_read(href)
    if _CONTROL.search(url):
        return "a link holds control characters"
    scheme, colon, _ = _PATH.split(url, maxsplit=1)[0].partition(":")
    if not colon:
        # Some clients open //host and \\host as a file share, and tell it who the reader is.
        return "a link names a host and no scheme" if len(url) > 1 and set(url[:2]) <= {"/", "\\"} else None
    scheme = scheme.lower()
    if scheme not in SCHEMES:
        return f"a link begins with {scheme}:" if _NAME.fullmatch(scheme) else "a link begins with no known scheme"
    if scheme in ("http", "https") and "@" in _AFTER_HOST.split(url[len(scheme) + 1 :].lstrip("/\\"), maxsplit=1)[0]:
        return "a link holds a user name or password"
    return None
