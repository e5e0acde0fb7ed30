"""Who of a run's audience got what."""

from dataclasses import dataclass

PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Recipient:
    """``outcome`` is a result code of the run (``sent``, ``skipped.no_consent`` …), or ``pending`` while there is none.

    ``detail`` is the vendor's id of what was sent, or the reason in words; empty where the outcome says it all.
    """

    contact_id: str
    outcome: str
    detail: str = ""

    def came_to(self, outcome: str | None) -> bool:
        """Whether this is the ``outcome`` asked for: ``skipped`` is every ``skipped.<reason>``, None is any."""
        return outcome is None or self.outcome == outcome or self.outcome.startswith(f"{outcome}.")
