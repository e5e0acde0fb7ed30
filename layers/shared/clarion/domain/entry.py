"""A contact's way through a journey: its places, and when it may take another."""

from dataclasses import dataclass
from datetime import datetime

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
