"""MJML sources turned into HTML by mrml (through ``mjml-python``), without reading a file or the network."""

import re
from typing import NoReturn

from mjml import mjml2html

from clarion.content.markup import VOID, TokenKind, tokens
from clarion.domain.errors import Invalid

# mrml is recursive and ends the process at about 1,000 levels; real mails have up to 9.
DEEPEST = 100
_OPENED = re.compile(r"<[a-zA-Z]")
_LEFT_OVER = re.compile(r"<(mj-[a-z-]+)")


def html_of_mjml(source: str) -> str:
    """The HTML of an MJML document; Jinja2 expressions in texts, attributes and between elements come through.

    Raises ``Invalid`` naming the field ``mjml``: not MJML, an unknown element, an ``mj-include``, or elements
    nested more than ``DEEPEST`` levels.
    """
    if _depth(source) > DEEPEST:
        raise _invalid(f"elements are nested more than {DEEPEST} levels deep")
    try:
        html = mjml2html(source, include_loader=_refuse)
    except ValueError as error:
        raise _invalid(str(error).replace(" in root template", "")) from None
    if unknown := _LEFT_OVER.search(html):
        raise _invalid(f"unknown or misplaced element {unknown[1]}")
    return html


def _depth(source: str) -> int:
    """An upper bound: what may be hidden from an XML parser, or only from us, counts as nested."""
    depth = deepest = 0
    # mrml knows no template expressions, so elements inside them count too.
    plain = source.replace("{", "(")
    for token in tokens(plain):
        text = plain[token.start : token.end]
        if token.kind is TokenKind.END:
            depth -= 1
        elif token.kind is TokenKind.UNSEEN:
            deepest = max(deepest, depth + len(_OPENED.findall(text)))
        elif token.kind is TokenKind.START and not text.endswith("/>") and token.name not in VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _refuse(path: str) -> NoReturn:
    raise ValueError(f"mj-include is not available (path {path!r})")


def _invalid(reason: str) -> Invalid:
    return Invalid([{"field": "mjml", "message": reason}])
