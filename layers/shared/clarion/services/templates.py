"""Templates: written, versioned, previewed, and compiled for campaigns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact import Contact
from clarion.domain.errors import Conflict, Invalid
from clarion.domain.rendering import Rendered, RenderedMail, RenderedText
from clarion.domain.segments import segments_of
from clarion.domain.template import MailSource, Template, TemplateSource

_UNSUBSCRIBE = "#unsubscribe"  # a preview's reader has nothing to unsubscribe from


class TemplateStore(Protocol):
    """``add`` raises Conflict, ``replace`` and ``remove`` Stale, ``get`` and ``version`` NotFound."""

    def get(self, org_id: str, template_id: str) -> Template: ...
    def version(self, org_id: str, template_id: str, version: int) -> Template: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Template], dict[str, Any] | None]: ...
    def add(self, org_id: str, template: Template) -> Template: ...
    def replace(self, org_id: str, template: Template) -> Template: ...
    def remove(self, org_id: str, template_id: str, version: int | None) -> None: ...


class Contacts(Protocol):
    """Whom a preview can be for."""

    def get(self, org_id: str, contact_id: str) -> Contact: ...


class Compiled(Protocol):
    """A mail ready to render."""

    @property
    def links(self) -> Sequence[str]: ...
    def to_json(self) -> str: ...
    def render(
        self, contact: Mapping[str, Any], *, link_urls: Sequence[str], open_url: str | None, unsubscribe_url: str
    ) -> RenderedMail: ...


class CompiledText(Protocol):
    """A text message ready to render."""

    @property
    def links(self) -> Sequence[str]: ...
    def to_json(self) -> str: ...
    def render(self, contact: Mapping[str, Any], link_urls: Callable[[int], str] | Sequence[str]) -> str: ...


@dataclass(frozen=True)
class Compilers:
    """From sources to what is sent; all raise Invalid with the fields (subject, smsText, …) that cannot be sent.

    ``post`` gives the finished text. ``link_example`` is a tracking URL as long as those of text messages are.
    """

    mail: Callable[[MailSource], Compiled]
    text: Callable[[str], CompiledText]
    post: Callable[[str], str]
    link_example: Callable[[], str]


class TemplateService:
    def __init__(
        self, store: TemplateStore, contacts: Contacts, compilers: Compilers, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._contacts, self._compilers, self._clock = store, contacts, compilers, clock

    def create(self, org_id: str, template_id: str, name: str, source: TemplateSource) -> Template:
        """Version 1. A repetition with the same id answers what the first one kept."""
        self._check(source)
        now = self._clock()
        template = Template(id=template_id, name=name, created_at=now, updated_at=now, **_fields(source))
        try:
            return self._store.add(org_id, template)
        except Conflict:
            return self._store.get(org_id, template_id)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Template], dict[str, Any] | None]:
        """One page, newest first, and the position to go on from (None at the end)."""
        return self._store.list(org_id, limit, position)

    def get(self, org_id: str, template_id: str, version: int | None = None) -> Template:
        """The newest version, or the one asked for, which outlives the template. Raises NotFound."""
        if version is None:
            return self._store.get(org_id, template_id)
        return self._store.version(org_id, template_id, version)

    def update(self, org_id: str, template_id: str, version: int | None, name: str, source: TemplateSource) -> Template:
        """A new version in place of ``version`` (None: of the newest). Raises NotFound, Stale, Invalid."""
        read = self._store.get(org_id, template_id)
        self._check(source)
        as_read = read.version if version is None else version
        changes = {"name": name, **_fields(source), "updated_at": self._clock(), "version": as_read}
        return self._store.replace(org_id, read.model_copy(update=changes))

    def delete(self, org_id: str, template_id: str, version: int | None) -> None:
        """No new campaign can use it; launched ones keep their version.

        Raises NotFound, or Stale for another ``version``.
        """
        self._store.get(org_id, template_id)
        self._store.remove(org_id, template_id, version)

    def preview(self, org_id: str, template_id: str, *, contact_id: str | None, contact: Mapping[str, Any]) -> Rendered:
        """The messages a kept contact would get, or one made up (JSON names). Raises NotFound, RenderFailed."""
        if contact_id is not None:
            contact = self._contacts.get(org_id, contact_id).document()
        source = self._store.get(org_id, template_id)
        return Rendered(
            mail=self._rendered_mail(source, None, contact) if source.mail else None,
            sms=self._rendered_text(source, contact) if source.sms_text else None,
            social=self._post(source) if source.social_text else None,
        )

    def render(
        self, org_id: str, template_id: str, contact: Mapping[str, Any], subject: str | None = None
    ) -> RenderedMail:
        """The mail of a contact's document, untracked; with another subject where one is given.

        Raises NotFound, RenderFailed, and Invalid naming ``subject`` for one that cannot be sent, ``html`` where there
        is no mail.
        """
        return self._rendered_mail(self._store.get(org_id, template_id), subject, contact)

    def render_text(self, org_id: str, template_id: str, contact: Mapping[str, Any]) -> RenderedText:
        """The text message of a contact's document, untracked. Raises NotFound, RenderFailed, and Invalid naming
        ``smsText`` where the template has none."""
        return self._rendered_text(self._store.get(org_id, template_id), contact)

    def compiled(self, org_id: str, template_id: str, subject: str | None = None) -> tuple[str, Sequence[str]]:
        """The newest version's mail compiled for sending, and its link table; with another subject where one is given.

        Raises NotFound, and Invalid naming ``subject`` for one that cannot be sent, ``html`` where there is no mail.
        """
        mail = self._mail(self._store.get(org_id, template_id), subject)
        return mail.to_json(), mail.links

    def compiled_text(self, org_id: str, template_id: str) -> tuple[str, Sequence[str]]:
        """The newest version's text message compiled for sending, and its link table.

        Raises NotFound, and Invalid naming ``smsText`` where the template has none.
        """
        text = self._text(self._store.get(org_id, template_id))
        return text.to_json(), text.links

    def social_text(self, org_id: str, template_id: str) -> str:
        """The newest version's post as it is shown. Raises NotFound, and Invalid naming ``socialText`` where it has
        none."""
        return self._post(self._store.get(org_id, template_id))

    def _rendered_mail(self, source: TemplateSource, subject: str | None, contact: Mapping[str, Any]) -> RenderedMail:
        mail = self._mail(source, subject)
        return mail.render(contact, link_urls=mail.links, open_url=None, unsubscribe_url=_UNSUBSCRIBE)

    def _rendered_text(self, source: TemplateSource, contact: Mapping[str, Any]) -> RenderedText:
        text, link = self._text(source), self._compilers.link_example()
        as_sent = text.render(contact, lambda _: link)
        return RenderedText(text.render(contact, text.links), segments_of(as_sent))

    def _mail(self, source: TemplateSource, subject: str | None) -> Compiled:
        mail = source.mail
        if mail is None:
            raise Invalid([{"field": "html", "message": "the template has no mail"}])
        return self._compilers.mail(mail if subject is None else mail.model_copy(update={"subject": subject}))

    def _text(self, source: TemplateSource) -> CompiledText:
        if source.sms_text is None:
            raise Invalid([{"field": "smsText", "message": "the template has no smsText"}])
        return self._compilers.text(source.sms_text)

    def _post(self, source: TemplateSource) -> str:
        if source.social_text is None:
            raise Invalid([{"field": "socialText", "message": "the template has no socialText"}])
        return self._compilers.post(source.social_text)

    def _check(self, source: TemplateSource) -> None:
        checks: list[tuple[object, Callable[[], object]]] = [
            (source.mail, lambda: self._mail(source, None)),
            (source.sms_text, lambda: self._text(source)),
            (source.social_text, lambda: self._post(source)),
        ]
        errors = []
        for part, check in checks:
            try:
                if part:
                    check()
            except Invalid as error:
                errors += [{**each, "field": f"body.{each['field']}"} for each in error.errors]
        if errors:
            raise Invalid(errors)


def _fields(source: TemplateSource) -> dict[str, Any]:
    return {name: getattr(source, name) for name in TemplateSource.model_fields}
