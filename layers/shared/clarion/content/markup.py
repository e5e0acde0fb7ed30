"""HTML split into tokens that know their exact place in the source, template placeholders respected.

The rules are those of the HTML standard's tokeniser (13.2.5), so that every browser's idea of where a tag,
an attribute value or a comment ends is shared. Parsers that build a tree cannot be spliced back without
re-serialising the document; ``html.parser`` gives no place for attribute values, changed its reading between
patch releases and takes the ``<`` and quotes inside ``{% if a<b %}`` for markup.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from html.entities import html5

# One template construct of Jinja2. Mustache ({{x}}, {{#x}}) is covered, for mails coming from elsewhere.
PLACEHOLDER = re.compile(
    r"(?P<raw>\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\})|\{\{.*?\}\}|\{%.*?%\}|\{\#.*?\#\}", re.DOTALL
)

# Elements that have no end tag.
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))

_TAG_OPENER = re.compile(r"<(?:(/?)([a-zA-Z][^\t\n\f\r />]*)|(!--)|([!?]|/(?=.)))", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"""[\t\n\f\r /]*
    (?:(?P<tag_end>>)
    |(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*)
     (?P<equals>[\t\n\f\r ]*=[\t\n\f\r ]*
      (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\t\n\f\r >"'][^\t\n\f\r >]*))?
     )?
    )""",
    re.VERBOSE,
)
_COMMENT_END = re.compile(r"<!---?>|--!?>")
# Elements whose content is text up to their own end tag, whatever stands in it.
_TEXT_ONLY = frozenset({"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
_SCRIPT_MARK = re.compile(r"<!--|-->|<(/?)script(?=[\t\n\f\r />])", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|([a-zA-Z][a-zA-Z0-9]*;?)(=?))")
_NEWLINE = re.compile(r"\r\n?")


class TokenKind(Enum):
    TEXT = "text"
    START = "start tag"
    END = "end tag"
    UNSEEN = "comment, declaration, or content of an element like style or title"


@dataclass(frozen=True, slots=True)
class Attribute:
    """``source[start:end]`` is the value as written, without its quotes; ``quote`` is ``"``, ``'`` or empty."""

    name: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Token:
    """``source[start:end]``; ``name`` is a tag's lower-case name, ``doctype`` for a document type, else empty."""

    kind: TokenKind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name: later ones do not count."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


def tokens(source: str, *, is_template: bool = True) -> Iterator[Token]:
    """The document in order, without gaps; only a tag cut off by the document's end is left out.

    In what was rendered (``is_template=False``) braces are text: a contact's ``{#`` begins no comment.
    """
    markup = PLACEHOLDER.sub(_filler, source) if is_template else source
    text_from = at = 0
    while (opener := _TAG_OPENER.search(markup, at)) is not None:
        token = _token_at(markup, opener)
        if text_from < opener.start():
            yield Token(TokenKind.TEXT, text_from, opener.start())
        if token is None:
            return
        yield token
        at = text_from = token.end
        if token.kind is TokenKind.START and token.name in _TEXT_ONLY:
            at = text_from = _content_end(markup, at, token.name)
            yield Token(TokenKind.UNSEEN, token.end, at)
        elif token.kind is TokenKind.START and token.name == "plaintext":
            break
    if text_from < len(markup):
        yield Token(TokenKind.TEXT, text_from, len(markup))


def decoded_text(text: str) -> str:
    """Text between tags with its character references resolved."""
    return html.unescape(_NEWLINE.sub("\n", text))


def decoded_value(value: str) -> str:
    """An attribute's value with its character references resolved.

    Differs from text (and from ``html.unescape``) as the standard asks: in ``?a=1&copy=2`` nothing is a reference.
    """
    return _REFERENCE.sub(_resolved, _NEWLINE.sub("\n", value))


def _resolved(reference: re.Match[str]) -> str:
    name, equals = reference[1], reference[2]
    if name is None:
        return html.unescape(reference[0])
    if name in html5 and not (equals and not name.endswith(";")):
        return html5[name] + equals
    return reference[0]


def _filler(placeholder: re.Match[str]) -> str:
    """As long as the placeholder, so that places hold: a word for ``{{…}}``, nothing for the others."""
    return ("x" if placeholder[0].startswith("{{") else " ") * len(placeholder[0])


def _token_at(markup: str, opener: re.Match[str]) -> Token | None:
    start = opener.start()
    closing, name, comment, _ = opener.groups()
    if name is not None:
        end, attributes = _attributes(markup, opener.end())
        if end is None:
            return None
        kind = TokenKind.END if closing else TokenKind.START
        return Token(kind, start, end, _lower(name), attributes)
    if comment:
        found = _COMMENT_END.match(markup, start) or _COMMENT_END.search(markup, opener.end())
        return Token(TokenKind.UNSEEN, start, found.end() if found else len(markup))
    end = markup.find(">", opener.end()) + 1 or len(markup)
    doctype = markup[start + 2 : start + 9].lower() == "doctype"
    return Token(TokenKind.UNSEEN, start, end, "doctype" if doctype else "")


def _attributes(markup: str, at: int) -> tuple[int | None, tuple[Attribute, ...]]:
    """Where the tag ends (None: the document ends first) and what it holds."""
    found: list[Attribute] = []
    while (match := _ATTRIBUTE.match(markup, at)) is not None:
        at = match.end()
        if match["tag_end"]:
            return at, tuple(found)
        value = next((group for group in ("double", "single", "bare") if match[group] is not None), None)
        if value is not None:
            start, end = match.span(value)
        elif match["equals"] and markup[at : at + 1] in ('"', "'"):
            return None, ()
        else:
            start = end = at
        quote = {"double": '"', "single": "'"}.get(value or "", "")
        found.append(Attribute(_lower(match["name"]), start, end, quote))
    return None, ()


def _content_end(markup: str, start: int, name: str) -> int:
    if name == "script":
        return _script_end(markup, start)
    end = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(markup, start)
    return end.start() if end else len(markup)


def _script_end(markup: str, at: int) -> int:
    """A script inside ``<!-- -->`` may hold a whole ``<script>…</script>`` of its own."""
    commented = nested = False
    while (mark := _SCRIPT_MARK.search(markup, at)) is not None:
        at = mark.end()
        if mark[0] == "<!--":
            commented = True
            at -= 2
        elif mark[0] == "-->":
            commented = nested = False
        elif not mark[1]:
            nested = commented
        elif nested:
            nested = False
        else:
            return mark.start()
    return len(markup)


def _lower(name: str) -> str:
    """ASCII only, as HTML compares names."""
    return name.lower() if name.isascii() else re.sub("[A-Z]+", lambda upper: upper[0].lower(), name)
