"""Who of a campaign's run got what."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from clarion.domain.campaign import Campaign
from clarion.domain.recipients import Recipient
from clarion.domain.run import Run, RunId


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run: ...


class Recipients(Protocol):
    def list(
        self, run: Run, outcome: str | None, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[Sequence[Recipient], Mapping[str, Any] | None]: ...


class RecipientService:
    def __init__(self, campaigns: Campaigns, runs: Runs, recipients: Recipients) -> None:
        self._campaigns, self._runs, self._recipients = campaigns, runs, recipients

    def list(
        self,
        org_id: str,
        campaign_id: str,
        number: int | None,
        outcome: str | None,
        limit: int,
        position: Mapping[str, Any] | None,
    ) -> tuple[Sequence[Recipient], Mapping[str, Any] | None]:
        """One page of the run ``number`` (None: the latest), and the position to go on from (None at the end).

        A campaign never launched has no recipients. Raises NotFound for a campaign or a run that is not there.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        if number is None and not campaign.run:
            return [], None
        run = self._runs.get(RunId(org_id, campaign.id, number or campaign.run))
        return self._recipients.list(run, outcome, limit, position)
