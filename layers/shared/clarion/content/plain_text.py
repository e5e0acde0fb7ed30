"""The text alternative of an HTML mail, made from its template so that it costs nothing per contact.

Template expressions and statements come through in their order: whatever the HTML repeats or leaves out for a
contact, the text does too.
"""

import re
from collections.abc import Mapping

from clarion.content.links import Link, destination, links_of
from clarion.content.markup import PLACEHOLDER, VOID, Token, TokenKind, decoded_text, decoded_value, tokens

# Line breaks before and after an element: 1 begins a line, 2 leaves a blank one.
_BREAKS = {
    **dict.fromkeys(("address", "article", "aside", "body", "center", "dd", "div", "dt", "figcaption", "figure"), 1),
    **dict.fromkeys(("footer", "form", "header", "li", "main", "nav", "section"), 1),
    **dict.fromkeys(("table", "tbody", "tfoot", "thead", "tr"), 1),
    **dict.fromkeys(("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "ul"), 2),
}
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\f\r\xa0]+")
_TEMPLATE_OPENER = re.compile(r"\{(?=[{%#]|\Z)")
# A URL goes on through the expressions in it, and one written inside an expression is part of that.
_URL = re.compile(rf"{PLACEHOLDER.pattern}|(?P<url>https?://(?:\{{\{{.*?\}}\}}|[^\s<>\"'])+)", re.DOTALL)
_CLOSING = ".,;:!?)]}*_"


def plain_text(html: str, tracked: Mapping[str, str] | None = None) -> str:
    """Readable text of an HTML template, itself a template; links follow their words as ``words (address)``.

    ``tracked`` maps a destination to what stands for it in the text (default: itself). Link places inside the
    mail, images without ``alt``, comments, styles and elements with ``display:none`` leave no trace.
    """
    writer = _Writer(tracked or {})
    hidden = 0
    hidden_in = ""
    for token in tokens(html):
        if hidden:
            hidden += (token.name == hidden_in) * {TokenKind.START: 1, TokenKind.END: -1}.get(token.kind, 0)
        elif token.kind is TokenKind.START and _is_hidden(html, token):
            hidden_in = token.name
            hidden = 0 if token.name in VOID else 1
        elif token.kind is TokenKind.TEXT:
            writer.text(html[token.start : token.end])
            continue
        elif token.kind is not TokenKind.UNSEEN:
            writer.tag(html, token)
        for statement in PLACEHOLDER.finditer(html, token.start, token.end):
            if statement[0].startswith("{%") and not statement["raw"]:
                writer.statement(statement[0])
    return writer.finished()


def tracked_text(text: str, tracked: Mapping[str, str]) -> str:
    """A text template in which each URL that is a key of ``tracked`` is replaced by its value."""

    def replacement(found: re.Match[str]) -> str:
        written = found["url"] or ""
        for end in (len(written), len(written.rstrip(_CLOSING))):
            if (standing_for := tracked.get(destination(written[:end]))) is not None:
                return standing_for + written[end:]
        return found[0]

    return _URL.sub(replacement, text)


class _Writer:
    def __init__(self, tracked: Mapping[str, str]) -> None:
        self._tracked = tracked
        self._pieces: list[str] = []
        self._breaks = 0
        self._space = False
        self._link: tuple[Link, int] | None = None

    def text(self, source: str) -> None:
        """Text between tags, as the template has it."""
        at = 0
        for placeholder in PLACEHOLDER.finditer(source):
            self._words(decoded_text(source[at : placeholder.start()]))
            self._placeholder(placeholder[0])
            at = placeholder.end()
        self._words(decoded_text(source[at:]))

    def statement(self, source: str) -> None:
        """``{% … %}``: breaks that wait for the next words stay behind it, inside the branch it opens."""
        self._pieces.append(source)

    def tag(self, html: str, token: Token) -> None:
        opening = token.kind is TokenKind.START
        if token.name == "a":
            self._end_link()
            if opening and (link := next(links_of(html, token), None)):
                self._link = link, len(self._pieces)
        elif token.name == "br":
            self._breaks = min(self._breaks + 1, 2)
        elif token.name in ("td", "th"):
            self._space = True
        self._breaks = max(self._breaks, _BREAKS.get(token.name, 0))
        if opening and token.name == "img" and (alt := token.attribute("alt")):
            self.text(html[alt.start : alt.end])
        elif opening and token.name == "li":
            self._piece("- ")
        elif opening and token.name == "hr":
            self._piece("---")
            self._breaks = 2

    def finished(self) -> str:
        self._end_link()
        return "".join(self._pieces).strip() + "\n"

    def _words(self, text: str) -> None:
        for index, words in enumerate(_SPACES.split(text)):
            self._space |= index > 0
            if words:
                self._piece(_TEMPLATE_OPENER.sub("{{ '{' }}", words))

    def _placeholder(self, source: str) -> None:
        if source.startswith("{{"):
            self._piece(source)
        elif source.startswith("{%"):
            self.statement(source)

    def _piece(self, piece: str) -> None:
        if self._breaks:
            self._pieces.append("\n" * self._breaks if self._pieces else "")
        elif self._space and self._pieces and not self._pieces[-1].endswith((" ", "\n")):
            self._pieces.append(" ")
        self._breaks, self._space = 0, False
        self._pieces.append(piece)

    def _end_link(self) -> None:
        if self._link is None:
            return
        (link, first), self._link = self._link, None
        address = self._address(link)
        if not address:
            return
        written = "".join(self._pieces[first:])
        label = written.strip()
        if label in (link.href, address) or (link.tracked and destination(label) == destination(link.href)):
            self._pieces[first:] = [written[: written.index(label)]]
            label = ""
        if not label:
            self._piece(address)
            return
        waiting, self._breaks, self._space = self._breaks, 0, True
        self._piece(f"({address})")
        self._breaks = waiting

    def _address(self, link: Link) -> str:
        if link.tracked:
            url = destination(link.href)
            return self._tracked.get(url) or _TEMPLATE_OPENER.sub("{{ '{' }}", url)
        if link.kind in ("mailto", "tel"):
            return link.href.strip().partition(":")[2].partition("?")[0]
        return link.href if link.kind == "placeholder" else ""


def _is_hidden(html: str, token: Token) -> bool:
    style = token.attribute("style")
    shown = style is None or not _HIDDEN.search(decoded_value(html[style.start : style.end]))
    return not shown or token.attribute("hidden") is not None
