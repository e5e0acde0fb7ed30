"""A campaign's mail as the workers use it: compiled once, rendered for each contact."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from jinja2 import Template

from clarion.content.open_links import fault_of_links, has_open_links
from clarion.content.sandbox import MailEnvironment, compiled
from clarion.content.work import budget, missed
from clarion.domain.mail import one_line
from clarion.domain.rendering import RenderedMail, RenderFailed

LONGEST_MAIL = 250_000
"""UTF-8 octets of a rendered HTML or text part."""
LONGEST_LINE = 1_000
"""UTF-8 octets of a rendered subject or preheader."""

_FORMAT = 1
_PARTS = ("subject", "preheader", "html", "text")


@dataclass(frozen=True)
class CompiledMail:
    """The final Jinja2 sources of a mail and its link table; what `compile_mail` made at launch stays as it is.

    ``links[number]`` is the destination of the tracked link of that number. The sources name the variables
    ``clarion_link_<number>``, ``clarion_open_url`` and ``clarion_preheader`` beside what authors may use. Making
    one raises ``Invalid`` when a source does not compile, so one that exists can be rendered.
    """

    subject: str
    preheader: str
    html: str
    text: str
    links: tuple[str, ...]
    _templates: dict[str, Template] = field(init=False, repr=False, compare=False)
    _has_open_links: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        templates = {
            part: compiled(environment(html=part == "html"), getattr(self, part), part)
            for part in _PARTS
            if "{" in getattr(self, part)  # a part without an expression is its own output
        }
        object.__setattr__(self, "_templates", templates)
        object.__setattr__(self, "_has_open_links", has_open_links(self.html))

    def render(
        self,
        contact: Mapping[str, Any],
        *,
        link_urls: Callable[[int], str] | Sequence[str],
        open_url: str | None,
        unsubscribe_url: str,
    ) -> RenderedMail:
        """One contact's mail.

        ``contact`` has the keys id, email, firstName, lastName, attributes (a dict) and tags, all plain values.
        ``link_urls`` gives the tracked URL of a link number; ``open_url`` None leaves the pixel out. Raises
        ``RenderFailed`` for whatever this contact's values make impossible.
        """
        url_of = link_urls if callable(link_urls) else link_urls.__getitem__
        variables: dict[str, Any] = {
            **environment(html=True).globals,
            "contact": contact,
            "attributes": contact.get("attributes") or {},
            "unsubscribe_url": unsubscribe_url,
            "clarion_open_url": open_url,
        }
        for number in range(len(self.links)):
            variables[link_variable(number)] = url_of(number)
        subject = one_line(self._part("subject", variables, LONGEST_LINE))
        preheader = one_line(self._part("preheader", variables, LONGEST_LINE))
        variables["clarion_preheader"] = preheader
        html = self._part("html", variables, LONGEST_MAIL)
        if self._has_open_links and (fault := fault_of_links(html)):
            raise RenderFailed("html", fault)
        return RenderedMail(subject, preheader, html, self._part("text", variables, LONGEST_MAIL).strip("\n") + "\n")

    def to_json(self) -> str:
        fields = {name: getattr(self, name) for name in (*_PARTS, "links")}
        return json.dumps({"format": _FORMAT, **fields}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """What `to_json` wrote; ValueError for any other format."""
        fields = json.loads(stored)
        if fields.pop("format", None) != _FORMAT:
            raise ValueError("not a compiled mail of this format")
        return cls(**{**fields, "links": tuple(fields["links"])})

    def _part(self, part: str, variables: dict[str, Any], longest: int) -> str:
        template = self._templates.get(part)
        return str(getattr(self, part)) if template is None else rendered_part(template, part, variables, longest)


def rendered_part(template: Template, part: str, variables: dict[str, Any], longest: int) -> str:
    """What a template says with ``variables``, which get a fresh allowance of work each time.

    Raises ``RenderFailed`` naming ``part``, also for more than ``longest`` UTF-8 octets.
    """
    pieces: list[str] = []
    size = 0
    variables |= budget()
    try:
        for piece in template.root_render_func(template.new_context(variables, shared=True)):
            pieces.append(piece)
            size += len(piece)
            if size > longest:
                break
        output = "".join(pieces)
        size = len(output.encode())
    except Exception as error:
        raise _failure(part, template, error, missed(variables)) from None
    if size > longest:
        raise RenderFailed(part, f"longer than {longest} octets")
    return output


@cache
def environment(*, html: bool) -> MailEnvironment:
    """The Jinja2 of the HTML part, or of the other parts, which escape nothing."""
    return MailEnvironment(autoescape=html)


def link_variable(number: int) -> str:
    """The template variable that holds a tracked link's URL: ``clarion_link_0``."""
    return f"clarion_link_{number}"


def _failure(part: str, template: Template, error: Exception, missing: str | None) -> RenderFailed:
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__jinja_template__") is template:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    reason = one_line(str(error))[:200] or type(error).__name__
    if missing:
        known = f"{missing[:100]} is missing"
        reason = known if known.endswith(reason) else f"{reason} ({known})"
    return RenderFailed(part, reason, line)
