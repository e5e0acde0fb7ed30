"""An address that nothing may be sent to over a channel, and why.

An address is on the list once. The first reason stays, but the recipient's own word goes before everybody else's, and
never the other way round (`outranks`): what it took the place of is kept with it, and holds again where the recipient
takes their word back.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from clarion.domain.access import Need
from clarion.domain.addresses import normalise_email
from clarion.domain.contact import ConsentChannel
from clarion.domain.model import Model
from clarion.domain.phones import parse_phone

SuppressionReason = Literal["hard_bounce", "complaint", "unsubscribed", "opt_out", "manual", "import"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]

RECIPIENTS_WORD = ("unsubscribed", "opt_out", "complaint")
"""Reasons that the recipient gave. The hot path has its own copy (clarion.hot.unsubscribe), held to this one."""
_NOT_ASKED_FOR_BY_THE_RECIPIENT = ("manual", "hard_bounce")


class Suppression(Model):
    """``address`` is the normalised one (`suppressed_key`), ``reason`` a SuppressionReason.

    ``source`` says who told: a vendor (``ses``), ``one-click``, ``page``, ``api``, ``import``. ``campaign`` and
    ``contact`` are those of the message that caused it; ``created_by`` is the user who added it; ``import_id`` and
    ``import_row`` name the row of a file. ``before`` is what it took the place of.
    """

    address: str
    channel: ConsentChannel
    reason: str
    source: str | None = None
    campaign: str | None = None
    contact: str | None = None
    created_by: str | None = None
    import_id: str | None = None
    import_row: int | None = None
    note: str | None = None
    before: "Suppression | None" = None
    created_at: datetime

    @property
    def removal_needs(self) -> Need:
        """The permission to remove it: what a recipient said, or may have said, takes an administrator."""
        return "suppressions:write" if self.reason in _NOT_ASKED_FOR_BY_THE_RECIPIENT else "suppressions:delete"


class SuppressionRemoval(Model):
    """Who took an address off the list, when and why, and what was on the list."""

    suppression: Suppression
    removed_by: str
    removed_at: datetime
    note: str | None = None


def outranks(reason: str, other: str) -> bool:
    """Whether a suppression for ``reason`` takes the place of one for ``other``."""
    return reason in RECIPIENTS_WORD and other not in RECIPIENTS_WORD


def suppressed_key(channel: ConsentChannel, address: str, region: str | None = None) -> str:
    """The normalised address: of an e-mail its unique key, of a phone its E.164 number. ValueError in plain words.

    ``region`` (ISO 3166-1 alpha-2) tells how a number without its country code is meant.
    """
    return normalise_email(address) if channel == "email" else parse_phone(address, region)
