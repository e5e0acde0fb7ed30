"""How far a contact has come in a campaign, from its places, its messages and the ledger."""

from collections.abc import Sequence
from typing import Any, Protocol

from clarion.clock import moment
from clarion.domain.campaign import ENDED, Campaign
from clarion.domain.entry import Place
from clarion.domain.progress import ContactProgress, Entry, SentMessage, entry_of, state_of
from clarion.domain.run import Batch, Run, RunId


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Contacts(Protocol):
    def get(self, org_id: str, contact_id: str) -> Any:
        """Raises NotFound."""


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...


class Entries(Protocol):
    def places(self, org_id: str, campaign_id: str, contact_id: str) -> Sequence[Place]: ...


class Timelines(Protocol):
    def messages(self, org_id: str, contact_id: str, campaign_id: str | None = None) -> Sequence[SentMessage]: ...
    def cohort(self, run_id: RunId, reference: str) -> Sequence[Batch]:
        """The batches that the contacts of a batch came to, step by step."""


class ContactProgressService:
    def __init__(
        self, campaigns: Campaigns, contacts: Contacts, runs: Runs, entries: Entries, timelines: Timelines
    ) -> None:
        self._campaigns, self._contacts, self._runs = campaigns, contacts, runs
        self._entries, self._timelines = entries, timelines

    def progress(self, org_id: str, campaign_id: str, contact_id: str) -> ContactProgress:
        """Every entry of a contact, the first one first. Raises NotFound for a campaign or contact that is not there.

        A campaign that is no journey has an entry for each run in which a message was claimed for the contact.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        self._contacts.get(org_id, contact_id)
        messages = self._timelines.messages(org_id, contact_id, campaign.id)
        places = self._entries.places(org_id, campaign.id, contact_id) if campaign.journey else _as_places(messages)
        found = [self._entry(org_id, campaign.id, contact_id, place, messages) for place in places]
        found.sort(key=lambda entry: (entry.entered_at, entry.run))
        return ContactProgress(contact_id, state_of(found, campaign_ended=campaign.status in ENDED), tuple(found))

    def _entry(
        self, org_id: str, campaign_id: str, contact_id: str, place: Place, messages: Sequence[SentMessage]
    ) -> Entry:
        run = self._runs.get(RunId(org_id, campaign_id, place.run))
        cohort = self._timelines.cohort(run.id, place.batch)
        batches = [(run.step(batch.id).id, batch) for batch in cohort if contact_id in batch.contacts]
        return entry_of(contact_id, place, batches, messages)


def _as_places(messages: Sequence[SentMessage]) -> list[Place]:
    """What came of a run whose contacts have no places: the batch that claimed the message tells the rest."""
    return [Place(f"{m.ref.run:04d}", m.ref.run, m.batch, moment(m.claimed_at)) for m in messages if m.batch]
