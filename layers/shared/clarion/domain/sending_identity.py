"""What Amazon SES says of a domain that it sends for."""

from typing import NamedTuple


class SendingIdentity(NamedTuple):
    """``selectors`` are those of its DKIM keys, ``signs`` whether messages are signed with them now (``signing`` is
    SES's word for it); ``mail_from`` is the return path's domain, empty where it is SES's own."""

    selectors: tuple[str, ...]
    signs: bool
    signing: str
    mail_from: str = ""
