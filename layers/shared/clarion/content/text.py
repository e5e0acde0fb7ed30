"""Text messages: compiled once from what an author writes, rendered for each contact."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from jinja2 import Template

from clarion.content.render import environment, rendered_part
from clarion.content.sandbox import compiled, undeclared
from clarion.content.text_links import replaced, settled_addresses, unsafe_addresses
from clarion.domain.errors import Invalid
from clarion.domain.rendering import RenderFailed
from clarion.domain.text_message import MAX_BODY

PART = "smsText"

_FORMAT = "text 1"
_LONGEST_RENDERED = 4 * MAX_BODY  # octets: no character has more than four


@dataclass(frozen=True)
class CompiledText:
    """The Jinja2 source of a text message and its link table; what `compile_text` made at launch stays as it is.

    ``links[number]`` is the destination of the tracked link of that number. Making one raises ``Invalid`` when the
    source does not compile, so one that exists can be rendered.
    """

    source: str
    links: tuple[str, ...]
    _template: Template = field(init=False, repr=False, compare=False)
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_template", compiled(environment(html=False), self.source, PART))
        object.__setattr__(self, "_numbers", {url: number for number, url in enumerate(self.links)})

    def render(self, contact: Mapping[str, Any], link_urls: Callable[[int], str] | Sequence[str]) -> str:
        """One contact's text, without white space around it; ``contact`` is as for mails.

        ``link_urls`` gives the URL that stands for a link number, wherever the finished text has that link. Raises
        ``RenderFailed`` for whatever this contact's values make impossible, and for no text or too long a one.
        """
        url_of = link_urls if callable(link_urls) else link_urls.__getitem__
        numbers = self._numbers
        variables: dict[str, Any] = {
            **environment(html=False).globals,
            "contact": contact,
            "attributes": contact.get("attributes") or {},
        }
        plain = rendered_part(self._template, PART, variables, _LONGEST_RENDERED).strip()
        if not plain:
            raise RenderFailed(PART, "the text is empty")
        text = replaced(plain, lambda url: url_of(numbers[url]) if url in numbers else None) if numbers else plain
        if len(text) > MAX_BODY:
            raise RenderFailed(PART, f"{len(text)} characters with its links, at most {MAX_BODY}")
        return text

    def to_json(self) -> str:
        stored = {"format": _FORMAT, "source": self.source, "links": self.links}
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """What `to_json` wrote; ValueError for any other format."""
        fields = json.loads(stored)
        if fields.pop("format", None) != _FORMAT:
            raise ValueError("not a compiled text message of this format")
        return cls(fields["source"], tuple(fields["links"]))


def compile_text(source: str) -> CompiledText:
    """The addresses of the source numbered, each destination once. Raises ``Invalid`` naming ``smsText``."""
    compiled(environment(html=False), source, PART)  # before it is searched, which takes long where nothing is closed
    links = dict.fromkeys(each.destination for each in settled_addresses(source))
    text = CompiledText(source, tuple(links))
    refuse_unsafe(source, PART)
    if "unsubscribe_url" in undeclared(environment(html=False), source, PART):
        raise Invalid([{"field": PART, "message": "unsubscribe_url is for mails: readers of a text answer STOP"}])
    return text


def refuse_unsafe(source: str, part: str) -> None:
    """Raises ``Invalid`` naming ``part`` for addresses that no message of ours may carry."""
    if unsafe := unsafe_addresses(source):
        raise Invalid([{"field": part, "message": f"link {link.href!r}: {link.reason}"} for link in unsafe])
