"""Recording conversions: once per caller's id, attributed to the message that earned them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from clarion.clock import moment, stamp
from clarion.domain.contact import Contact
from clarion.domain.conversions import (
    CLOCK_SKEW,
    WINDOW,
    Attribution,
    Conversion,
    ConversionDetails,
    NamedMessage,
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


class Ticket(Protocol):
    """What a genuine tracking token says."""

    @property
    def org(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def run(self) -> int: ...
    @property
    def channel(self) -> str: ...


class TokenReader(Protocol):
    def read(self, purpose: Literal["click", "open"], campaign: str, step: str, token: str) -> Ticket | None:
        """The ticket of a genuine token, else None."""


class ConversionService:
    def __init__(
        self, store: ConversionStore, contacts: ContactFinder, tokens: TokenReader, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._contacts, self._tokens, self._clock = store, contacts, tokens, clock

    def record(
        self,
        org_id: str,
        details: ConversionDetails,
        *,
        contact_id: str | None = None,
        email_key: str | None = None,
        message: NamedMessage | None = None,
    ) -> Conversion:
        """Record what a contact did: the one with this id, with this normalised address, or who got this message,
        which then earned it.

        The same conversion said again is answered with what was recorded. Raises Conflict when its id is taken by
        another, and RuleBroken naming the field at fault.
        """
        known = self._store.get(org_id, details.conversion_id)
        named = self._named(org_id, message) if message else None
        contact = named.contact if named else self._contact(org_id, contact_id, email_key)
        if known:
            return self._repeated(known, contact, details, named)
        conversion = self._attributed(org_id, contact, details, named)
        if self._store.add(org_id, conversion):
            return conversion
        known = self._store.get(org_id, details.conversion_id)
        if known is None:
            raise Conflict("conversionId was taken a moment ago; try again", "body.conversionId")
        return self._repeated(known, contact, details, named)

    def _named(self, org_id: str, message: NamedMessage) -> MessageRef:
        contact_id, run, channel, field = message.contact_id or "", message.run, None, "body.message"
        if message.token is not None:
            field = "body.message.token"
            ticket = self._ticket(message, message.token)
            if ticket is None or ticket.org != org_id:
                raise RuleBroken("not the token of a link or picture in a message of this campaign", field)
            contact_id, run, channel = ticket.contact, ticket.run, ticket.channel
        try:
            contact_id = self._contacts.get(org_id, contact_id).id
        except NotFound:
            raise RuleBroken("there is no such contact", field if message.token else f"{field}.contactId") from None
        wanted = (message.campaign_id, message.step)
        sent = [
            each
            for each in self._store.messages(org_id, contact_id)
            if (each.message.campaign, each.message.step) == wanted
            and run in (None, each.message.run)
            and channel in (None, each.message.channel)
        ]
        if not sent:
            raise RuleBroken("the contact got no such message", field)
        return max(sent, key=lambda each: (each.message.run, each.sent_at)).message

    def _ticket(self, message: NamedMessage, token: str) -> Ticket | None:
        click = self._tokens.read("click", message.campaign_id, message.step, token)
        return click or self._tokens.read("open", message.campaign_id, message.step, token)

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

    def _repeated(
        self, known: Conversion, contact_id: str, details: ConversionDetails, named: MessageRef | None
    ) -> Conversion:
        if not known.repeats(contact_id, _to_milliseconds(details), named):
            raise Conflict("this conversionId was recorded with other data", "body.conversionId")
        return known

    def _attributed(
        self, org_id: str, contact_id: str, details: ConversionDetails, named: MessageRef | None
    ) -> Conversion:
        now = moment(stamp(self._clock()))
        details = _to_milliseconds(details)
        occurred_at = details.occurred_at or now
        if occurred_at > now + CLOCK_SKEW:
            raise RuleBroken("occurredAt must not be in the future", "body.occurredAt")
        if occurred_at < now - RETENTION:
            raise RuleBroken(f"occurredAt must be within the last {RETENTION.days} days", "body.occurredAt")
        if named:
            return Conversion(details, contact_id, occurred_at, now, named, Attribution.MESSAGE)
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
