"""Suppressed addresses as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from clarion.domain.contact import ConsentChannel
from clarion.domain.model import Model
from clarion.domain.suppression import Note, Suppression, SuppressionRemoval

SuppressionChannel = ConsentChannel
AddressText = Annotated[str, StringConstraints(max_length=320)]

_ADDRESS = "An e-mail address in any spelling, or a phone number in international form (+49 …)."


class AddSuppressionRequest(Model):
    """An address nothing is to be sent to. Adding it twice changes nothing, unless the second time it is for a reason
    that the recipient gave and the first time for another."""

    channel: SuppressionChannel
    address: AddressText = Field(description=_ADDRESS)
    reason: Literal["hard_bounce", "complaint", "unsubscribed", "opt_out", "manual"] = "manual"
    note: Note | None = None


class RemoveSuppressionRequest(Model):
    """An address to take off the list. It is in the body since paths end up in access logs."""

    channel: SuppressionChannel
    address: AddressText = Field(description=_ADDRESS)
    note: Note | None = Field(default=None, description="Why; kept with the record of the removal.")


class EarlierSuppressionView(Model):
    """For what the address was on the list before the recipient's own word took that place."""

    reason: str
    source: str | None
    created_by: str | None
    note: str | None
    created_at: datetime

    @classmethod
    def of(cls, suppression: Suppression) -> "EarlierSuppressionView":
        return cls(**{name: getattr(suppression, name) for name in cls.model_fields})


class SuppressionView(Model):
    address: str = Field(description="The normalised one: lower case, domain in ASCII; E.164 for a phone.")
    channel: ConsentChannel
    reason: str = Field(
        description="`hard_bounce`, `complaint`, `unsubscribed`, `opt_out` (STOP by text message), `manual` or "
        "`import` (a file that gave no reason)."
    )
    source: str | None = Field(description="Who told: a vendor, `one-click`, `page`, `api`, `import`.")
    campaign_id: str | None
    contact_id: str | None
    import_id: str | None
    created_by: str | None = Field(description="The user who added or imported it.")
    note: str | None
    before: EarlierSuppressionView | None = Field(description="What its reason took the place of.")
    created_at: datetime

    @classmethod
    def of(cls, suppression: Suppression) -> "SuppressionView":
        return cls(
            address=suppression.address,
            channel=suppression.channel,
            reason=suppression.reason,
            source=suppression.source,
            campaign_id=suppression.campaign,
            contact_id=suppression.contact,
            import_id=suppression.import_id,
            created_by=suppression.created_by,
            note=suppression.note,
            before=EarlierSuppressionView.of(suppression.before) if suppression.before else None,
            created_at=suppression.created_at,
        )


class SuppressionRemovalView(Model):
    """Who took an address off the list, and what was on the list."""

    suppression: SuppressionView
    removed_by: str
    removed_at: datetime
    note: str | None

    @classmethod
    def of(cls, removal: SuppressionRemoval) -> "SuppressionRemovalView":
        return cls(
            suppression=SuppressionView.of(removal.suppression),
            removed_by=removal.removed_by,
            removed_at=removal.removed_at,
            note=removal.note,
        )
