"""Before a batch is sent: who of it gets a message, and which one; the reason for everybody else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from clarion.domain.eligibility import address_of, exclusion
from clarion.domain.rendering import RenderFailed
from clarion.domain.run import RENDER_FAILED, Batch, Result, Run

SPARE_MS = 40_000  # no further message or call is begun when less is left: a call of a vendor usually takes under 13 s


class Contacts(Protocol):
    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        """The documents of those contacts that exist, in any order."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Exits(Protocol):
    def reasons(self, run: Run, batch: Batch, contacts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Why contacts leave the journey before this step, by id: ``goal_reached``, ``replied``, ``unsubscribed``."""


class Composer(Protocol):
    def compose(self, recipient: Any) -> Any:
        """The message for a contact's document, or of a run that publishes for an Outlet.

        Raises RenderFailed, and ValueError for what cannot be put on the wire.
        """


@dataclass(frozen=True)
class Addressed:
    """A message, and the normalised address it goes to; of what is published, the profile or account."""

    to: str
    message: Any


class Addressing:
    def __init__(self, contacts: Contacts, suppressions: Suppressions, exits: Exits) -> None:
        self._contacts, self._suppressions, self._exits = contacts, suppressions, exits

    def address(
        self, run: Run, composer: Composer, batch: Batch, remaining_ms: Callable[[], int]
    ) -> tuple[Batch, dict[int, Addressed]]:
        """Everybody without a result gets either a message or the reason for none, judged as of now.

        Whoever there is no time for stays without a result, for the next worker.
        """
        if run.plan.publishes:
            return _published(run, composer, batch)
        ids = [batch.contacts[i] for i in batch.pending]
        contacts = {contact["id"]: contact for contact in self._contacts.documents(run.id.org, ids)}
        leaving = self._exits.reasons(run, batch, contacts)
        addresses = {contact_id: address_of(contact, run.channel) for contact_id, contact in contacts.items()}
        known = [address for address, _ in addresses.values() if address]
        suppressed = self._suppressions.suppressed(run.id.org, run.channel, known)
        results, messages = dict(batch.results), {}
        for i in batch.pending:
            if remaining_ms() < SPARE_MS:
                break
            contact_id = batch.contacts[i]
            contact = contacts.get(contact_id)
            if contact is None:
                results[i] = Result("skipped.contact_deleted")
                continue
            address, reason = addresses[contact_id]
            reason = leaving.get(contact_id) or reason
            if not reason:
                reason = exclusion(contact, run.channel, suppressed=address in suppressed)
            if reason or address is None:
                results[i] = Result(f"skipped.{reason}")
                continue
            try:
                messages[i] = Addressed(address, composer.compose(contact))
            except (RenderFailed, ValueError) as error:
                results[i] = Result(RENDER_FAILED, str(error))
        return replace(batch, results=results), messages


def _published(run: Run, composer: Composer, batch: Batch) -> tuple[Batch, dict[int, Addressed]]:
    results, messages = dict(batch.results), {}
    for i in batch.pending:
        outlet = run.plan.outlet(batch.contacts[i])
        if outlet is None:
            results[i] = Result(RENDER_FAILED, "the run has no such profile or account")
            continue
        try:
            messages[i] = Addressed(outlet.profile, composer.compose(outlet))
        except (RenderFailed, ValueError) as error:
            results[i] = Result(RENDER_FAILED, str(error))
    return replace(batch, results=results), messages
