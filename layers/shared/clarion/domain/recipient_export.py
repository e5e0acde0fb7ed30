"""An export of who of a campaign's run got what, to CSV."""

from collections.abc import Mapping
from typing import Any

from clarion.domain.export_job import ExportJob
from clarion.domain.model import Model
from clarion.domain.recipients import Recipient

_OF_CONTACTS = ("email", "phone", "firstName", "lastName")
RECIPIENT_COLUMNS = ("contactId", *_OF_CONTACTS, "platform", "profile", "outcome", "detail", "step", "variant")


class LedgerPlace(Model):
    """Where a walk over a run's ledger goes on: at ``position`` (None: at its beginning), or nowhere once it ended."""

    position: dict[str, int] | None = None
    ended: bool = False


class RecipientExport(ExportJob):
    """Recipients of ``run`` that came to ``outcome`` (None: all of them)."""

    campaign_id: str
    run: int
    outcome: str | None = None
    place: LedgerPlace = LedgerPlace()


def recipient_row(recipient: Recipient, contact: Mapping[str, Any] | None) -> list[str]:
    """The cells of a recipient; those of a contact that is deleted by now have neither address nor name.

    What was published to a profile or an account has ``platform`` and ``profile`` instead.
    """
    known, outlet = contact or {}, recipient.outlet
    return [
        recipient.contact_id,
        *(known.get(name) or "" for name in _OF_CONTACTS),
        *((outlet.platform, outlet.profile) if outlet else ("", "")),
        recipient.outcome,
        recipient.detail,
        recipient.step,
        recipient.variant,
    ]
