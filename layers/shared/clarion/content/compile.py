"""From what an author writes to what is sent: done once per campaign, and whenever a template is saved."""

from collections.abc import Iterator

from clarion.content.links import rewrite_links, unsafe_links
from clarion.content.markup import Token, TokenKind, tokens
from clarion.content.mjml import html_of_mjml
from clarion.content.plain_text import plain_text, tracked_text
from clarion.content.render import CompiledMail, environment, link_variable
from clarion.content.sandbox import compiled, undeclared
from clarion.domain.errors import Invalid
from clarion.domain.template import MailSource

_PREHEADER = (
    '{% if clarion_preheader %}<div style="display:none;max-height:0;overflow:hidden;opacity:0;mso-hide:all">'
    "{{clarion_preheader}}</div>{% endif %}"
)
_FOOTER = '<p style="margin:24px 0;font-size:12px;text-align:center"><a href="{{unsubscribe_url}}">Unsubscribe</a></p>'
_PIXEL = (
    '{% if clarion_open_url %}<img src="{{clarion_open_url}}" width="1" height="1" alt="" '
    'style="display:block;border:0">{% endif %}'
)
_TEXT_FOOTER = "\n\nUnsubscribe: {{unsubscribe_url}}\n"


def compile_mail(source: MailSource) -> CompiledMail:
    """MJML turned into HTML, links numbered, preheader, unsubscribe link and open pixel put in, text made.

    Raises ``Invalid`` listing everything wrong by field (subject, preheader, html, mjml, text), syntax errors with
    their line: a source that compiles may be saved.
    """
    _refuse_bad_sources(source)
    html = source.html if source.html is not None else html_of_mjml(source.mjml or "")
    if unsafe := unsafe_links(html):
        raise Invalid(
            [{"field": source.markup_field, "message": f"link {link.href!r}: {link.reason}"} for link in unsafe]
        )
    rewritten = rewrite_links(html, lambda number, _: _expression(number))
    tracked = {url: _expression(number) for number, url in enumerate(rewritten.links)}
    text = plain_text(html, tracked) if source.text is None else tracked_text(source.text, tracked)
    try:
        return CompiledMail(
            subject=source.subject,
            preheader=source.preheader,
            html=_framed(rewritten.html, preheader=bool(source.preheader)),
            text=text if _offers_unsubscribe(text) else text.rstrip("\n") + _TEXT_FOOTER,
            links=rewritten.links,
        )
    except Invalid as error:
        # The sources compile; what was made of them does not: a block that MJML or the text alternative takes apart.
        raise Invalid([{**each, "field": source.markup_field} for each in error.errors]) from None


def _refuse_bad_sources(source: MailSource) -> None:
    errors = []
    for field in ("subject", "preheader", "text", source.markup_field):
        template = getattr(source, field)
        try:
            compiled(environment(html=field in ("html", "mjml")), template or "", field)
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)


def _framed(html: str, *, preheader: bool) -> str:
    start, end = _body(list(tokens(html)))
    before = _PREHEADER if preheader else ""
    after = ("" if _offers_unsubscribe(html) else _FOOTER) + _PIXEL
    return f"{html[:start]}{before}{html[start:end]}{after}{html[end:]}"


def _body(document: list[Token]) -> tuple[int, int]:
    """Where the visible part begins and ends, also in mails that leave out the tags saying so."""
    opened, closed = (list(_named(document, kind)) for kind in (TokenKind.START, TokenKind.END))
    start = next(
        (
            token.end
            for candidates, name in ((opened, "body"), (closed, "head"), (opened, "html"))
            for token in candidates
            if token.name == name
        ),
        next((token.end for token in document if token.name == "doctype"), 0),
    )
    end = next(
        (token.start for name in ("body", "html") for token in reversed(closed) if token.name == name),
        # Behind a comment that is never closed nothing would be seen.
        next((token.end for token in reversed(document) if token.kind is not TokenKind.UNSEEN), 0),
    )
    return start, max(start, end)


def _named(document: list[Token], kind: TokenKind) -> Iterator[Token]:
    return (token for token in document if token.kind is kind)


def _offers_unsubscribe(template: str) -> bool:
    return "unsubscribe_url" in undeclared(environment(html=False), template, "text")


def _expression(number: int) -> str:
    return f"{{{{{link_variable(number)}}}}}"
