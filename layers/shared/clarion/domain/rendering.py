"""One contact's messages, or why there is none."""

from dataclasses import dataclass

from clarion.domain.errors import DomainError
from clarion.domain.segments import Segments


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """``subject`` and ``preheader`` are single lines; ``html`` and ``text`` are whole documents."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A text message whose links lead straight to their destinations; ``segments`` count it with tracking links."""

    text: str
    segments: Segments


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template says, message by message; None where it has no such message."""

    mail: RenderedMail | None = None
    sms: RenderedText | None = None
    social: str | None = None


class RenderFailed(DomainError):
    """A template that compiles cannot be rendered for this one contact; other contacts are not concerned.

    ``part`` is subject, preheader, html, text or smsText; ``reason`` is safe to show and to store.
    """

    def __init__(self, part: str, reason: str, line: int | None = None) -> None:
        place = f"{part}, line {line}" if line else part
        super().__init__(f"{place}: {reason}")
        self.part, self.reason, self.line = part, reason, line
