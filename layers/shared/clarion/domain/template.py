"""What messages are written in: the sources of a mail, of a text message and of a post."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from clarion.domain.model import Model

LONGEST_BODY = 250_000
"""Characters of a source; one stored item holds 400 KB, and Gmail clips mails longer than 102 KB."""
LONGEST_LINE = 500
"""Characters of the subject's or preheader's source."""
LONGEST_SMS_TEXT = 5_000
"""Characters of a text message's source; what it becomes is shorter, since expressions are longer than their values."""
LONGEST_SOCIAL_TEXT = 10_000
"""Characters of a post's source, and of what it becomes: more than any network takes."""

Subject = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE)]
Preheader = Annotated[str, StringConstraints(max_length=LONGEST_LINE)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_BODY)]
SmsText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SMS_TEXT)]
SocialText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SOCIAL_TEXT)]
TemplateChannel = Literal["email", "sms", "social"]


class MailSource(Model):
    """Jinja2 sources of one mail; exactly one of ``html`` and ``mjml`` is given.

    Without ``text`` the text alternative is made from the HTML.
    """

    subject: Subject
    preheader: Preheader = ""
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


class TemplateSource(Model):
    """Jinja2 sources of a mail, of a text message and of a post: at least one of the three.

    The mail's are those of `MailSource`: all that it needs, or none of them.
    """

    subject: Subject | None = None
    preheader: Preheader = ""
    html: Body | None = None
    mjml: Body | None = None
    text: Body | None = None
    sms_text: SmsText | None = None
    social_text: SocialText | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.channels:
            raise ValueError("write a mail (subject, and html or mjml), smsText or socialText")
        return self

    @property
    def mail(self) -> MailSource | None:
        """The mail, where there is one. Raises ValidationError for half a mail, which no source that exists holds."""
        given = {name: getattr(self, name) for name in MailSource.model_fields if getattr(self, name)}
        return MailSource.model_validate(given) if given else None

    @property
    def channels(self) -> tuple[TemplateChannel, ...]:
        """What messages can be made of it."""
        parts: dict[TemplateChannel, object] = {"email": self.mail, "sms": self.sms_text, "social": self.social_text}
        return tuple(channel for channel, part in parts.items() if part)


class Template(TemplateSource):
    """A saved source; each change is a new ``version``, counted from 1."""

    id: str
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    version: int = Field(default=1, ge=1)
    created_at: AwareDatetime
    updated_at: AwareDatetime
