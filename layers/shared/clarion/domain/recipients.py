"""Who of a run's audience got what."""

from dataclasses import dataclass

from clarion.domain.outlet import Outlet

PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One contact at one step of a run.

    ``outcome`` is a result code of the run (``sent``, ``skipped.no_consent`` …), or ``pending`` while there is none;
    ``detail`` is the vendor's id of what was sent, or the reason in words. ``outlet`` is the profile or account
    that was published to, in the contact's place. ``variant`` is that of an A/B test
    (``winner`` for whoever waits for the winning one), ``zone`` the IANA name the message is timed by, ``due_at`` (a
    stamp) when a pending message is planned to go out. Whatever says nothing is empty.
    """

    contact_id: str
    outcome: str
    detail: str = ""
    step: str = ""
    variant: str = ""
    zone: str = ""
    due_at: str = ""
    outlet: Outlet | None = None

    def came_to(self, outcome: str | None) -> bool:
        """Whether this is the ``outcome`` asked for: ``skipped`` is every ``skipped.<reason>``, None is any."""
        return outcome is None or self.outcome == outcome or self.outcome.startswith(f"{outcome}.")
