"""E-mail addresses: what is accepted, which spellings are the same, and the form that goes on the wire.

The grammar is the email-validator library's (with `idna` below it), loaded on first use and never asking DNS;
docs/channels.md lists what is refused although RFC 5322 would allow it.
"""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One mailbox in two forms.

    ``key`` decides uniqueness: NFC, all lower case, domain in ASCII (``zoë@xn--bcher-kva.example``).
    ``address`` is what is shown and sent to: NFC, local part in the writer's own case, domain in lower-case
    Unicode (``Zoë@bücher.example``).
    """

    key: str
    address: str


def parse_email(text: str) -> EmailAddress:
    """The address in ``text``, spaces and tabs around it ignored; ValueError says in plain words what is wrong."""
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(text.strip(" \t"), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    local = unicodedata.normalize("NFC", valid.local_part.lower())
    return EmailAddress(key=f"{local}@{valid.ascii_domain}", address=valid.normalized)


def normalise_email(text: str) -> str:
    """The unique key of the address in ``text``; ValueError as `parse_email`."""
    return parse_email(text).key


def ascii_domain_form(address: str) -> str:
    """``Zoë@xn--bcher-kva.example`` for ``Zoë@bücher.example``; ValueError when the domain has no ASCII form."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    import idna

    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise ValueError(f"the domain cannot be written in ASCII: {error}") from None
