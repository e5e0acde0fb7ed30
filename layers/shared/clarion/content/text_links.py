"""The web addresses of a plain text: found as phones find them, judged, and replaced."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clarion.content.links import UnsafeLink, destination, unsafe_url
from clarion.content.markup import PLACEHOLDER

# Written brackets and quotes enclose an address; an ellipsis, a long dash and the marks of CJK texts end it.
_ENDS = '\\s\\x00-\\x1f\\x7f-\\x9f\u200b\u2060\ufeff<>"`«»‹›“”„‟…—、。，．！？：；（）［］｛｝〈〉《》「」『』【】'
# What stands before an address does not belong to it, unless it makes it part of a longer one, or of a word.
_URL = re.compile(rf"(?<![\w/=@+-])https?://[^{_ENDS}]+", re.IGNORECASE)
_CLOSING = ".,;:!?'’‘*–"  # not - and _, which tokens in addresses end with
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Address:
    """A web address as written, at ``text[start:end]``."""

    written: str
    start: int
    end: int

    @property
    def destination(self) -> str:
        """The URL a browser would open."""
        return destination(self.written)


def addresses(text: str) -> Iterator[Address]:
    """Every http and https address in order; the punctuation that ends a sentence or closes a bracket is none of it."""
    for found in _URL.finditer(text):
        written = _without_closing(found[0])
        if not written.endswith("//"):
            yield Address(written, found.start(), found.start() + len(written))


def settled_addresses(source: str) -> Iterator[Address]:
    """The addresses of a template that hold no expression, so that they are the same for every contact.

    A statement beside an address does not belong to it.
    """
    # An expression goes on with the address before it, and ends before the address behind it.
    masked = PLACEHOLDER.sub(lambda part: _mask(part[0]), source)
    expressions = [part.span() for part in PLACEHOLDER.finditer(source) if part[0].startswith("{{")]
    for each in addresses(masked):
        if not any(start < each.end and each.start < end for start, end in expressions):
            yield each


def unsafe_addresses(source: str) -> list[UnsafeLink]:
    """Settled addresses that no message of ours may carry, each with the reason."""
    judged = ((each.written, unsafe_url(each.destination)) for each in settled_addresses(source))
    return [UnsafeLink(written, reason) for written, reason in judged if reason]


def replaced(text: str, replacement: Callable[[str], str | None]) -> str:
    """``text`` with another address in the place of each whose destination ``replacement`` knows."""
    pieces, at = [], 0
    for each in addresses(text):
        other = replacement(each.destination)
        if other is not None:
            pieces += [text[at : each.start], other]
            at = each.end
    return "".join((*pieces, text[at:]))


def _mask(part: str) -> str:
    return "x" * (len(part) - 1) + " " if part.startswith("{{") else " " * len(part)


def _without_closing(url: str) -> str:
    """Brackets are closed by what follows the address where they were not opened inside it."""
    end = len(url)
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _BRACKETS.items()}
    while end:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _CLOSING:
            break
        end -= 1
    return url[:end]
