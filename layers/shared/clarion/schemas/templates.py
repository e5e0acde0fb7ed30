"""Templates, as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from clarion.domain.contact import Consent, ConsentChannel, every_channel
from clarion.domain.model import Model
from clarion.domain.moments import Moment
from clarion.domain.rendering import RenderedMail
from clarion.domain.template import MailSource, Template

TemplateName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TemplateRequest(MailSource):
    """Jinja2 sources of a mail; exactly one of ``html`` and ``mjml``."""

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
    subject: str
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


class PreviewView(Model):
    """A rendered mail; its links are not tracked."""

    subject: str
    preheader: str
    html: str
    text: str

    @classmethod
    def of(cls, mail: RenderedMail) -> Self:
        return cls(subject=mail.subject, preheader=mail.preheader, html=mail.html, text=mail.text)
