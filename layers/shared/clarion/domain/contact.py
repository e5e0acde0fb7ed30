"""A contact: a person an organisation may write to, and what is known about them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from clarion.domain.addresses import normalise_email
from clarion.domain.model import Model
from clarion.domain.phones import key_of_phone

MAX_ATTRIBUTES = 200
MAX_ATTRIBUTES_BYTES = 32 * 1024
MAX_TAGS = 100
MAX_TAG_LENGTH = 100

ConsentChannel = Literal["email", "sms"]
Consent = Literal["granted", "denied", "unknown"]
CONSENT_CHANNELS: tuple[ConsentChannel, ...] = get_args(ConsentChannel)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")

key_of_email = lru_cache(maxsize=4096)(normalise_email)  # asked for several times per contact, 0.1 ms each


def _checked_email(text: str) -> str:
    text = text.strip(" \t")
    key_of_email(text)
    return text


@lru_cache(maxsize=1024)
def _checked_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not a time zone of the IANA database, such as Europe/Berlin") from None
    return name


def _checked_locale(text: str) -> str:
    if not _LOCALE.fullmatch(text):
        raise ValueError("not a language tag, such as en or pt-BR")
    return text.replace("_", "-")


def _checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    unique = sorted({tag.strip() for tag in tags})
    for tag in unique:
        if not 1 <= len(tag) <= MAX_TAG_LENGTH or ";" in tag or _CONTROL.search(tag):
            raise ValueError(f"a tag has 1 to {MAX_TAG_LENGTH} characters, no semicolon and no control characters")
    if len(unique) > MAX_TAGS:
        raise ValueError(f"at most {MAX_TAGS} tags")
    return tuple(unique)


def _checked_attributes(attributes: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"at most {MAX_ATTRIBUTES} attributes")
    for name in attributes:
        if not 1 <= len(name) <= 128 or _CONTROL.search(name):
            raise ValueError("an attribute's name has 1 to 128 characters and no control characters")
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair is no text") from None
    if size > MAX_ATTRIBUTES_BYTES:
        raise ValueError(f"attributes take {size} bytes as JSON, at most {MAX_ATTRIBUTES_BYTES}")
    return attributes


def every_channel(consent: dict[ConsentChannel, Consent]) -> dict[ConsentChannel, Consent]:
    """The same decisions, and ``unknown`` for the channels that have none."""
    return {channel: consent.get(channel, "unknown") for channel in CONSENT_CHANNELS}


Name = Annotated[str, StringConstraints(max_length=256)]
Tags = Annotated[tuple[str, ...], AfterValidator(_checked_tags)]


class ContactFields(Model):
    """What can be said about a contact. At least one of ``email`` and ``phone`` is there; ``consent`` holds only the
    channels something was said about."""

    phone: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)] | None = None
    email: Annotated[str, AfterValidator(_checked_email)] | None = Field(default=None, validate_default=True)
    first_name: Name | None = None
    last_name: Name | None = None
    timezone: Annotated[str, AfterValidator(_checked_timezone)] | None = None
    locale: Annotated[str, StringConstraints(max_length=64), AfterValidator(_checked_locale)] | None = None
    tags: Tags = ()
    consent: dict[ConsentChannel, Consent] = Field(default_factory=dict)
    attributes: Annotated[dict[str, JsonValue], AfterValidator(_checked_attributes)] = Field(default_factory=dict)

    @field_validator("email")
    @classmethod
    def _reachable(cls, email: str | None, info: ValidationInfo) -> str | None:
        if email is None and "phone" in info.data and info.data["phone"] is None:
            raise PydanticCustomError("missing", "give an email or a phone")
        return email

    @property
    def email_key(self) -> str | None:
        """The normalised address that is unique in the organisation."""
        return key_of_email(self.email) if self.email else None

    @property
    def phone_key(self) -> str | None:
        """The E.164 number that text messages go to; None where ``phone`` is not an international number.

        A number without its country code is kept as it is and never guessed at: the wrong guess writes to a stranger.
        """
        return key_of_phone(self.phone) if self.phone else None


class Contact(ContactFields):
    """``email`` is kept as given, ``consent`` names every channel. ``consent_at`` holds when each decision was last
    changed (aware datetimes)."""

    id: str
    consent: Annotated[dict[ConsentChannel, Consent], AfterValidator(every_channel)] = Field(
        default_factory=dict, validate_default=True
    )
    consent_at: dict[ConsentChannel, datetime] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @classmethod
    def new(cls, contact_id: str, fields: Mapping[str, Any], now: datetime) -> "Contact":
        """A contact made of ``fields`` (names as in Python); pydantic's ValidationError says what is wrong."""
        contact = cls(id=contact_id, created_at=now, updated_at=now, **fields)
        decided: dict[str, Any] = {ch: now for ch, state in contact.consent.items() if state != "unknown"}
        return contact.model_copy(update={"consent_at": decided}) if decided else contact

    def revised(self, fields: Mapping[str, Any], now: datetime) -> "Contact":
        """This contact with ``fields`` replaced; ``version`` stays that of the contact it was made from.

        ``consent`` replaces only the channels it names: silence takes back no decision.
        """
        kept = {name: getattr(self, name) for name in Contact.model_fields}
        consent = {**self.consent, **fields.get("consent", {})}
        revised = Contact(**{**kept, **fields, "consent": consent, "updated_at": now})
        changed: dict[str, Any] = {ch: now for ch, state in revised.consent.items() if state != self.consent[ch]}
        return revised.model_copy(update={"consent_at": {**self.consent_at, **changed}}) if changed else revised

    def document(self) -> dict[str, Any]:
        """The mapping that filters and templates see: JSON names, JSON values, times as aware datetimes."""
        return document_of(self.model_dump_json(by_alias=True, exclude={"version"}))


def document_of(body: str) -> dict[str, Any]:
    """The document of a contact's JSON, without building the contact: audiences read millions of them."""
    document: dict[str, Any] = json.loads(body)
    del document["consentAt"]
    document["createdAt"] = datetime.fromisoformat(document["createdAt"])
    document["updatedAt"] = datetime.fromisoformat(document["updatedAt"])
    return document
