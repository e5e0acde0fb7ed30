"""Uploading a run's audience to an ad account, as far as time allows: the next attempt goes on where this one stopped.

The vendor has to have its audience before a campaign is shown to it. How far an upload has come is kept after each
chunk, so a worker that is lost repeats one chunk at the most, and nobody is added twice.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from clarion.domain.ad_audience import AudienceMember, AudienceUploads, UploadedAudience
from clarion.domain.audience_progress import AudienceProgress
from clarion.domain.eligibility import address_of, agreed
from clarion.domain.engagement import MessageRef
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.run import Run, RunId
from clarion.domain.split import held_out
from clarion.keys import CONTACT_SHARDS

PAGE = 1000  # contacts read at once
CHUNK = 10_000  # people added at once: what the vendors take in one call
AGAIN_S = 5.0  # until an upload is gone on with

Documents = Sequence[Mapping[str, Any]]


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...


class Contacts(Protocol):
    def page_of_shard(self, org_id: str, shard: int, after: str | None, limit: int) -> tuple[Documents, str | None]:
        """Documents in order of id after ``after``, and the id to go on after (None at the end)."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Checkpoints(Protocol):
    def get(self, message: MessageRef) -> AudienceProgress: ...

    def save(self, seen: AudienceProgress, moved: AudienceProgress) -> AudienceProgress:
        """What is kept now: ``moved``, unless somebody has moved what was ``seen`` meanwhile."""


class AudienceUpload:
    def __init__(self, runs: Runs, contacts: Contacts, suppressions: Suppressions, checkpoints: Checkpoints) -> None:
        self._runs, self._contacts = runs, contacts
        self._suppressions, self._checkpoints = suppressions, checkpoints

    def progress(
        self, ad: OutletAd, uploads: AudienceUploads, remaining_ms: Callable[[], int]
    ) -> Accepted | Rejected | Retry | Stop:
        """Go on with the upload until ``remaining_ms`` is used up.

        `Accepted` names the vendor's audience, once everybody is in it; `Retry` asks to be called again.
        """
        seen = self._checkpoints.get(ad.message)
        if seen.audience_id:
            return Accepted(seen.audience_id)
        run = self._runs.get(RunId(ad.message.org, ad.message.campaign, ad.message.run))
        while seen.shard < CONTACT_SHARDS:
            if remaining_ms() <= 0:
                return Retry(AGAIN_S, "the audience is being uploaded")
            members, shard, after = self._chunk(run, seen, remaining_ms)
            if members and not seen.upload:
                begun = uploads.begin(UploadedAudience(ad.campaign.id, ad.campaign.name))
                if not isinstance(begun, Accepted):
                    return begun
                seen = self._checkpoints.save(seen, seen.begun(begun.vendor_id))
            if members:
                added = uploads.add(seen.upload, members)
                if not isinstance(added, Accepted):
                    return added
            seen = self._checkpoints.save(seen, seen.moved(shard, after, len(members)))
        if not seen.added:
            return Rejected("Audience", "nobody in the audience may be told to the vendor")
        finished = uploads.finish(seen.upload)
        if isinstance(finished, Accepted):
            self._checkpoints.save(seen, seen.finished(finished.vendor_id))
        return finished

    def _chunk(
        self, run: Run, seen: AudienceProgress, remaining_ms: Callable[[], int]
    ) -> tuple[list[AudienceMember], int, str | None]:
        """The next members, and how far they were read: shard and contact."""
        belongs, members = run.plan.membership(), list[AudienceMember]()
        shard, after = seen.shard, seen.after
        while shard < CONTACT_SHARDS and len(members) <= CHUNK - PAGE:
            page, after = self._contacts.page_of_shard(run.id.org, shard, after, PAGE)
            members += self._members(run, [contact for contact in page if belongs(contact)])
            if after is None:
                shard += 1
            if remaining_ms() <= 0:
                break
        return members, shard, after

    def _members(self, run: Run, contacts: Documents) -> list[AudienceMember]:
        """Who of them was there at the launch, is not held out, and may be told; by what of theirs."""
        percent = run.plan.hold_out
        wanted = [
            contact
            for contact in contacts
            if contact["createdAt"] <= run.started_at
            and not (percent and held_out(run.id.campaign, contact["id"], percent))
        ]
        emails, phones = self._addresses(run, wanted, "email"), self._addresses(run, wanted, "sms")
        found = [(emails.get(contact["id"]), phones.get(contact["id"])) for contact in wanted]
        return [AudienceMember(email, phone) for email, phone in found if email or phone]

    def _addresses(self, run: Run, contacts: Documents, channel: str) -> dict[str, str]:
        """By contact: the addresses of those who have said yes to the channel, and are not suppressed there."""
        known = {
            contact["id"]: address
            for contact in contacts
            if agreed(contact, channel) and (address := address_of(contact, channel)[0])
        }
        suppressed = self._suppressions.suppressed(run.id.org, channel, [*known.values()]) if known else set[str]()
        return {contact: address for contact, address in known.items() if address not in suppressed}
