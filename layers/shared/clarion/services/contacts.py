"""Contacts, one at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact import Contact, ContactFields, key_of_email
from clarion.domain.errors import Invalid, Stale


class ContactStore(Protocol):
    def get(self, org_id: str, contact_id: str) -> Contact: ...
    def find_by_email(self, org_id: str, email_key: str) -> Contact | None: ...
    def create(self, org_id: str, contact: Contact) -> Contact: ...
    def update(self, org_id: str, seen: Contact, contact: Contact) -> Contact: ...
    def delete(self, org_id: str, contact_id: str, version: int | None) -> None: ...
    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[Contact], dict[str, Any] | None]: ...


class ContactService:
    def __init__(self, store: ContactStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def get(self, org_id: str, contact_id: str) -> Contact:
        """Raises NotFound."""
        return self._store.get(org_id, contact_id)

    def create(self, org_id: str, contact_id: str, fields: ContactFields) -> Contact:
        """Raises Conflict when the address is taken. Creating the same id again gives the contact that is there."""
        return self._store.create(org_id, Contact.new(contact_id, _values(fields), self._clock()))

    def replace(self, org_id: str, contact_id: str, fields: ContactFields, version: int | None) -> Contact:
        """All fields anew, but of consent only the channels named.

        Raises NotFound, Conflict, or Stale when ``version`` is given and not the present one.
        """
        seen = self._store.get(org_id, contact_id)
        if version is not None and version != seen.version:
            raise Stale("contact", contact_id)
        return self._store.update(org_id, seen, seen.revised(_values(fields), self._clock()))

    def delete(self, org_id: str, contact_id: str, version: int | None) -> None:
        """Raises NotFound, or Stale when ``version`` is given and not the present one."""
        self._store.delete(org_id, contact_id, version)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None, email: str | None = None
    ) -> tuple[list[Contact], dict[str, Any] | None]:
        """One page of contacts; with ``email`` the one contact that has this address."""
        if email is None:
            return self._store.list(org_id, limit, position)
        try:
            key = key_of_email(email)
        except ValueError as error:
            raise Invalid([{"field": "query.email", "message": str(error)}]) from None
        found = self._store.find_by_email(org_id, key)
        return [found] if found else [], None


def _values(fields: ContactFields) -> dict[str, Any]:
    return {name: getattr(fields, name) for name in ContactFields.model_fields}
