"""Contacts as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from clarion.domain.contact import ConsentChannel, Contact, ContactFields


class ContactRequest(ContactFields):
    """A new contact: an email or a phone at least."""


class UpdateContactRequest(ContactFields):
    """The whole contact: a field left out is emptied, but ``consent`` changes only for the channels it names.
    ``version`` (or If-Match) is the one you read: a later one is not overwritten."""

    version: int | None = Field(default=None, ge=1)


class ContactView(ContactFields):
    id: str
    consent_at: dict[ConsentChannel, datetime]
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, contact: Contact) -> "ContactView":
        return cls.model_construct(**{name: getattr(contact, name) for name in cls.model_fields})
