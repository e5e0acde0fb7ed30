"""One contact's mail, or why there is none."""

from dataclasses import dataclass

from clarion.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """``subject`` and ``preheader`` are single lines; ``html`` and ``text`` are whole documents."""

    subject: str
    preheader: str
    html: str
    text: str


class RenderFailed(DomainError):
    """A template that compiles cannot be rendered for this one contact; other contacts are not concerned.

    ``part`` is subject, preheader, html or text; ``reason`` is safe to show and to store.
    """

    def __init__(self, part: str, reason: str, line: int | None = None) -> None:
        place = f"{part}, line {line}" if line else part
        super().__init__(f"{place}: {reason}")
        self.part, self.reason, self.line = part, reason, line
