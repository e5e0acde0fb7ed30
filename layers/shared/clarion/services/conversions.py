"""Recording conversions: once per caller's id, attributed to the message that earned them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from clarion.clock import moment, stamp
from clarion.domain.contact import Contact
from clarion.domain.conversions import (
    CLOCK_SKEW,
    WINDOW,
    Conversion,
    ConversionDetails,
    SentMessage,
    earned_by,
)
from clarion.domain.engagement import RETENTION, MessageRef
from clarion.domain.errors import Conflict, NotFound, RuleBroken
from clarion.domain.verdict import Click


class ConversionStore(Protocol):
    def get(self, org_id: str, conversion_id: str) -> Conversion | None: ...
    def add(self, org_id: str, conversion: Conversion) -> bool:
        """Record a conversion and its event, both or neither; False where the id is taken."""

    def messages(self, org_id: str, contact_id: str) -> Sequence[SentMessage]: ...
    def clicks(self, org_id: str, contact_id: str, since: datetime) -> Iterable[tuple[MessageRef, Click]]: ...


class ContactFinder(Protocol):
    def get(self, org_id: str, contact_id: str) -> Contact:
        """Raises NotFound."""

    def find_by_email(self, org_id: str, email_key: str) -> Contact | None:
        """The contact that has this normalised address."""


class ConversionService:
    def __init__(self, store: ConversionStore, contacts: ContactFinder, clock: Callable[[], datetime]) -> None:
        self._store, self._contacts, self._clock = store, contacts, clock

    def record(
        self, org_id: str, details: ConversionDetails, *, contact_id: str | None, email_key: str | None
    ) -> Conversion:
        """Record what the contact with this id, or else with this normalised address, did.

        The same conversion said again is answered with what was recorded. Raises Conflict when its id is taken by
        another, and RuleBroken naming the field at fault.
        """
        known = self._store.get(org_id, details.conversion_id)
        contact = self._contact(org_id, contact_id, email_key)
        if known:
            return self._repeated(known, contact, details)
        conversion = self._attributed(org_id, contact, details)
        if self._store.add(org_id, conversion):
            return conversion
        known = self._store.get(org_id, details.conversion_id)
        if known is None:
            raise Conflict("conversionId was taken a moment ago; try again", "body.conversionId")
        return self._repeated(known, contact, details)

    def _contact(self, org_id: str, contact_id: str | None, email_key: str | None) -> str:
        if contact_id:
            try:
                return self._contacts.get(org_id, contact_id).id
            except NotFound:
                raise RuleBroken("there is no such contact", "body.contactId") from None
        contact = self._contacts.find_by_email(org_id, email_key) if email_key else None
        if contact is None:
            raise RuleBroken("no contact has this address", "body.email")
        return contact.id

    def _repeated(self, known: Conversion, contact_id: str, details: ConversionDetails) -> Conversion:
        if not known.repeats(contact_id, _to_milliseconds(details)):
            raise Conflict("this conversionId was recorded with other data", "body.conversionId")
        return known

    def _attributed(self, org_id: str, contact_id: str, details: ConversionDetails) -> Conversion:
        now = moment(stamp(self._clock()))
        details = _to_milliseconds(details)
        occurred_at = details.occurred_at or now
        if occurred_at > now + CLOCK_SKEW:
            raise RuleBroken("occurredAt must not be in the future", "body.occurredAt")
        if occurred_at < now - RETENTION:
            raise RuleBroken(f"occurredAt must be within the last {RETENTION.days} days", "body.occurredAt")
        earned = earned_by(
            occurred_at,
            details.campaign_id,
            self._store.messages(org_id, contact_id),
            self._store.clicks(org_id, contact_id, occurred_at - WINDOW),
        )
        if details.campaign_id and not earned:
            raise RuleBroken("the contact got no message of this campaign", "body.campaignId")
        message, attribution = earned or (None, None)
        return Conversion(details, contact_id, occurred_at, now, message, attribution)


def _to_milliseconds(details: ConversionDetails) -> ConversionDetails:
    """Times as precise as the table keeps them."""
    return replace(details, occurred_at=details.occurred_at and moment(stamp(details.occurred_at)))
