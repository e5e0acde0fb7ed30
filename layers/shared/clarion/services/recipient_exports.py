"""Exports of a run's recipients: their start, and the rows the export worker writes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.campaign import Campaign
from clarion.domain.errors import RuleBroken
from clarion.domain.recipient_export import RECIPIENT_COLUMNS, LedgerPlace, RecipientExport, recipient_row
from clarion.domain.run import Run, RunId
from clarion.services.exports import Downloads, Exports, ExportService, JobQueue
from clarion.services.recipients import Recipients, chosen_run

PAGE = 1000  # recipients read at once


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...


class Contacts(Protocol):
    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        """The documents of those contacts that exist, in any order."""


class RecipientExportService(ExportService[RecipientExport]):
    def __init__(
        self,
        campaigns: Campaigns,
        runs: Runs,
        exports: Exports[RecipientExport],
        files: Downloads,
        queue: JobQueue,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__("recipients", exports, files, queue)
        self._campaigns, self._runs, self._clock = campaigns, runs, clock

    def start(
        self,
        org_id: str,
        export_id: str,
        user_id: str,
        campaign_id: str,
        number: int | None,
        channel: str | None,
        outcome: str | None,
    ) -> RecipientExport:
        """A new export (the same again for the same id), queued: of the run that ``chosen_run`` tells.

        Raises NotFound for a campaign or a run that is not there, RuleBroken for a campaign never launched.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        if not campaign.run:
            raise RuleBroken("the campaign was never launched: it has no recipients")
        run = chosen_run(self._runs, org_id, campaign, number, channel)
        now = self._clock()
        job = RecipientExport(
            id=export_id,
            created_by=user_id,
            created_at=now,
            touched_at=now,
            campaign_id=campaign.id,
            run=run.id.run,
            outcome=outcome,
        )
        return self.begin(org_id, job)


class RecipientRows:
    """A run's recipients in the order of its ledger, with the names and addresses their contacts have now."""

    def __init__(self, runs: Runs, recipients: Recipients, contacts: Contacts) -> None:
        self._runs, self._recipients, self._contacts = runs, recipients, contacts

    def prepare(self, org_id: str, job: RecipientExport, late: Callable[[], bool]) -> tuple[RecipientExport, bool]:  # noqa: ARG002 - nothing has to be known beforehand
        return job, True

    def header(self, job: RecipientExport) -> Sequence[str]:  # noqa: ARG002 - the columns are always these
        return RECIPIENT_COLUMNS

    def pages(self, org_id: str, job: RecipientExport) -> Iterator[tuple[list[list[str]], LedgerPlace]]:
        place = job.place
        run = self._runs.get(RunId(org_id, job.campaign_id, job.run))
        while not place.ended:
            found, position = self._recipients.list(run, job.outcome, PAGE, place.position)
            place = LedgerPlace(position=position, ended=position is None)
            ids = [recipient.contact_id for recipient in found]
            contacts = {contact["id"]: contact for contact in self._contacts.documents(org_id, ids)}
            yield [recipient_row(recipient, contacts.get(recipient.contact_id)) for recipient in found], place
