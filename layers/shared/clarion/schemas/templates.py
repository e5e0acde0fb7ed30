"""Templates, as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from clarion.domain.contact import Consent, ConsentChannel, every_channel
from clarion.domain.model import Model
from clarion.domain.moments import Moment
from clarion.domain.rendering import Rendered, RenderedText
from clarion.domain.segments import Encoding
from clarion.domain.template import Template, TemplateChannel, TemplateSource

TemplateName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TemplateRequest(TemplateSource):
    """Jinja2 sources of a mail (``subject``, and exactly one of ``html`` and ``mjml``), of a text message
    (``smsText``) and of a post (``socialText``): at least one of the three.
    """

    name: TemplateName


class UpdateTemplateRequest(TemplateRequest):
    """The whole template; ``version`` (or If-Match) is the one you read: a later one is not overwritten."""

    version: int | None = Field(default=None, ge=1)


class VersionQuery(Model):
    """Which version of a template."""

    version: int | None = Field(default=None, ge=1, le=999_999, description="The newest one where none is given.")


class TemplateSummaryView(Model):
    """A template in a list, without its bodies."""

    id: str
    name: str
    subject: str | None = Field(description="Null where the template has no mail.")
    channels: tuple[TemplateChannel, ...] = Field(description="What messages can be made of it.")
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, template: Template) -> Self:
        return cls(**{name: getattr(template, name) for name in cls.model_fields})


class TemplateView(TemplateSummaryView):
    """One version of a template; a version never changes."""

    preheader: str
    html: str | None
    mjml: str | None
    text: str | None
    sms_text: str | None
    social_text: str | None


class PreviewContact(Model):
    """A made-up contact, with all that templates see of a kept one."""

    id: str = ""
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    timezone: str | None = None
    locale: str | None = None
    tags: list[str] = Field(default_factory=list)
    consent: Annotated[dict[ConsentChannel, Consent], AfterValidator(every_channel)] = Field(
        default_factory=dict, validate_default=True
    )
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    created_at: Moment | None = None
    updated_at: Moment | None = None


class PreviewRequest(Model):
    """Whom to render for: ``contactId`` of a kept contact, or a made-up ``contact``."""

    contact_id: str | None = None
    contact: PreviewContact | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.contact_id is not None and self.contact is not None:
            raise ValueError("give contactId or contact, not both")
        return self

    def document(self) -> dict[str, Any]:
        """The made-up contact as templates see it; one without any values where none is given."""
        return (self.contact or PreviewContact()).model_dump(by_alias=True)


class TextPreviewView(Model):
    """A text message and what it costs, counted as it is sent: with tracking links in the place of its own."""

    text: str = Field(description="Its links lead straight to their destinations.")
    segments: int = Field(description="How many text messages it is charged as.")
    encoding: Encoding = Field(description="`GSM-7`, or `UCS-2` where a character is not in that alphabet.")
    characters_left: int = Field(description="How many more fit without another segment; some count twice.")

    @classmethod
    def of(cls, rendered: RenderedText) -> Self:
        counted = rendered.segments
        return cls(text=rendered.text, segments=counted.count, encoding=counted.encoding, characters_left=counted.left)


class PostPreviewView(Model):
    """The text of a post, the same on every profile."""

    text: str


class PreviewView(Model):
    """Rendered messages; their links are not tracked. Null is what the template, or the campaign's channel, has not:
    ``subject`` to ``text`` are the mail's."""

    subject: str | None = None
    preheader: str | None = None
    html: str | None = None
    text: str | None = None
    sms: TextPreviewView | None = None
    social: PostPreviewView | None = None

    @classmethod
    def of(cls, rendered: Rendered) -> Self:
        mail = rendered.mail
        parts = {} if mail is None else {name: getattr(mail, name) for name in ("subject", "preheader", "html", "text")}
        return cls(
            **parts,
            sms=TextPreviewView.of(rendered.sms) if rendered.sms else None,
            social=PostPreviewView(text=rendered.social) if rendered.social is not None else None,
        )
