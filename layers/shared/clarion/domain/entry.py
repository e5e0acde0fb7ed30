"""A contact's way into a journey and through it: what may let it in, its places, and when it may take another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from clarion.domain.engagement import Kind
from clarion.domain.journey import Reentry


@dataclass(frozen=True)
class Place:
    """One way of a contact through a journey, from its entry to its end.

    ``run`` and ``batch`` (``07#000012#00``) say where the ledger has it. ``outcome`` is what became of its last
    message, empty while it goes on.
    """

    key: str
    run: int
    batch: str
    entered_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""

    def left_for_long(self, reentry: Reentry | None, now: datetime) -> bool:
        """Whether whoever had this place as the latest may enter again, as far as the time goes."""
        return reentry is not None and self.ended_at is not None and self.ended_at + reentry.after <= now


class Change(NamedTuple):
    """A contact was added or changed; ``lead_status`` is its new one where that changed."""

    contact: str
    lead_status: str = ""


class Act(NamedTuple):
    """A contact did something, or was delivered to; ``campaign`` is its message's, empty where there is none."""

    contact: str
    kind: Kind
    campaign: str = ""


@dataclass(frozen=True)
class Candidates:
    """Contacts of an organisation to whom something happened that may let them into a journey."""

    org: str
    changes: tuple[Change, ...] = ()
    acts: tuple[Act, ...] = ()

    def message(self) -> dict[str, Any]:
        """The JSON of a queue message: ``{"org", "contacts": [{"id", "leadStatus"?}], "events": [{"contact", "kind",
        "campaign"?}]}``."""
        contacts = [_without_blanks(id=each.contact, leadStatus=each.lead_status) for each in self.changes]
        events = [_without_blanks(contact=a.contact, kind=a.kind.value, campaign=a.campaign) for a in self.acts]
        return {"org": self.org, "contacts": contacts, "events": events}

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Candidates":
        changes = (Change(each["id"], each.get("leadStatus", "")) for each in message.get("contacts", ()))
        events = message.get("events", ())
        acts = (Act(each["contact"], Kind(each["kind"]), each.get("campaign", "")) for each in events)
        return cls(message["org"], tuple(changes), tuple(acts))


def _without_blanks(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
