"""How far a contact has come in a campaign, from its places, its messages and the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from clarion.clock import moment
from clarion.domain.campaign import ENDED, Campaign
from clarion.domain.engagement import MessageRef
from clarion.domain.entry import Place
from clarion.domain.progress import ContactProgress, Entry, Reply, SentMessage, entry_of, state_of
from clarion.domain.run import Batch, Run, RunId

MOST_REPLIES = 20  # shown of a message


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
    def replies(self, org_id: str, contact_id: str, since: str, most: int) -> Mapping[MessageRef, Sequence[Reply]]:
        """What a contact answered from ``since`` on, by message; of each the first ``most``."""

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
        messages = self._with_replies(self._timelines.messages(org_id, contact_id, campaign.id))
        places = self._entries.places(org_id, campaign.id, contact_id) if campaign.journey else _as_places(messages)
        found = [self._entry(org_id, campaign.id, contact_id, place, messages) for place in places]
        found.sort(key=lambda entry: (entry.entered_at, entry.run))
        return ContactProgress(contact_id, state_of(found, campaign_ended=campaign.status in ENDED), tuple(found))

    def _with_replies(self, messages: Sequence[SentMessage]) -> Sequence[SentMessage]:
        """Events are read where some message was replied to, from that moment on."""
        replied = [message.engagement.replied_at for message in messages if message.engagement.replied_at]
        if not replied:
            return messages
        org_id, contact_id = messages[0].ref.org, messages[0].ref.contact
        found = self._timelines.replies(org_id, contact_id, min(replied), MOST_REPLIES)
        return [replace(message, replies=tuple(found.get(message.ref, ()))) for message in messages]

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
