"""Why a contact gets no message on a channel: the same reasons before a launch and at the moment of sending."""

from collections.abc import Mapping
from typing import Any

from clarion.domain.addresses import normalise_email
from clarion.domain.phones import key_of_phone

NO_ADDRESS = "no_address"
INVALID_ADDRESS = "invalid_address"


def address_of(contact: Mapping[str, Any], channel: str) -> tuple[str | None, str | None]:
    """The normalised address a message of the channel goes to, or None and the reason for none."""
    if channel == "sms":
        return _phone_of(contact)
    if channel != "email" or not contact.get("email"):
        return None, NO_ADDRESS
    try:
        return normalise_email(contact["email"]), None
    except ValueError:
        return None, INVALID_ADDRESS


def _phone_of(contact: Mapping[str, Any]) -> tuple[str | None, str | None]:
    if not contact.get("phone"):
        return None, NO_ADDRESS
    number = key_of_phone(contact["phone"])
    return (number, None) if number else (None, INVALID_ADDRESS)


def agreed(contact: Mapping[str, Any], channel: str) -> bool:
    """Whether a contact has said yes to a channel: for what takes more than that it has not said no."""
    return (contact.get("consent") or {}).get(channel) == "granted"


def exclusion(contact: Mapping[str, Any], channel: str, *, suppressed: bool) -> str | None:
    """Why a contact with an address is left out; None where it is not."""
    if suppressed:
        return "suppressed"
    if (contact.get("consent") or {}).get(channel) == "denied":
        return "no_consent"
    return None
