"""What a mail is written in: the sources of subject, preheader, HTML or MJML, and text."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from clarion.domain.model import Model

LONGEST_BODY = 250_000
"""Characters of a source; one stored item holds 400 KB, and Gmail clips mails longer than 102 KB."""
LONGEST_LINE = 500
"""Characters of the subject's or preheader's source."""

Body = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_BODY)]


class MailSource(Model):
    """Jinja2 sources of one mail; exactly one of ``html`` and ``mjml`` is given.

    Without ``text`` the text alternative is made from the HTML.
    """

    subject: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE)]
    preheader: Annotated[str, StringConstraints(max_length=LONGEST_LINE)] = ""
    html: Body | None = None
    mjml: Body | None = None
    text: Body | None = None

    @model_validator(mode="after")
    def _has_one_markup(self) -> Self:
        if (self.html is None) == (self.mjml is None):
            raise ValueError("exactly one of html and mjml is needed")
        return self

    @property
    def markup_field(self) -> Literal["html", "mjml"]:
        return "html" if self.mjml is None else "mjml"


class Template(MailSource):
    """A saved mail source; each change is a new ``version``, counted from 1."""

    id: str
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    version: int = Field(default=1, ge=1)
    created_at: AwareDatetime
    updated_at: AwareDatetime
