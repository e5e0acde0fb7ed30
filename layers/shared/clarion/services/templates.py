"""Templates: written, versioned, previewed, and compiled for campaigns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact import Contact
from clarion.domain.errors import Conflict, Invalid
from clarion.domain.rendering import RenderedMail
from clarion.domain.template import MailSource, Template

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


class TemplateService:
    """``compile_mail`` raises Invalid with the fields of the source (subject, html, …) that cannot be sent."""

    def __init__(
        self,
        store: TemplateStore,
        contacts: Contacts,
        compile_mail: Callable[[MailSource], Compiled],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._contacts, self._compile_mail, self._clock = store, contacts, compile_mail, clock

    def create(self, org_id: str, template_id: str, name: str, source: MailSource) -> Template:
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

    def update(self, org_id: str, template_id: str, version: int | None, name: str, source: MailSource) -> Template:
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

    def preview(
        self, org_id: str, template_id: str, *, contact_id: str | None, contact: Mapping[str, Any]
    ) -> RenderedMail:
        """The mail a kept contact would get, or one made up (JSON names). Raises NotFound, RenderFailed."""
        if contact_id is not None:
            contact = self._contacts.get(org_id, contact_id).document()
        return self.render(org_id, template_id, contact)

    def render(
        self, org_id: str, template_id: str, contact: Mapping[str, Any], subject: str | None = None
    ) -> RenderedMail:
        """The mail of a contact's document, untracked; with another subject where one is given.

        Raises NotFound, RenderFailed, and Invalid naming ``subject`` for one that cannot be sent.
        """
        mail = self._compiled(org_id, template_id, subject)
        return mail.render(contact, link_urls=mail.links, open_url=None, unsubscribe_url=_UNSUBSCRIBE)

    def compiled(self, org_id: str, template_id: str, subject: str | None = None) -> tuple[str, Sequence[str]]:
        """The newest version compiled for sending, and its link table; with another subject where one is given.

        Raises NotFound, and Invalid naming ``subject`` for one that cannot be sent.
        """
        mail = self._compiled(org_id, template_id, subject)
        return mail.to_json(), mail.links

    def _compiled(self, org_id: str, template_id: str, subject: str | None) -> Compiled:
        source: MailSource = self._store.get(org_id, template_id)
        if subject is not None:
            source = source.model_copy(update={"subject": subject})
        return self._compile_mail(source)

    def _check(self, source: MailSource) -> None:
        try:
            self._compile_mail(source)
        except Invalid as error:
            raise Invalid([{**each, "field": f"body.{each['field']}"} for each in error.errors]) from None


def _fields(source: MailSource) -> dict[str, Any]:
    return {name: getattr(source, name) for name in MailSource.model_fields}
