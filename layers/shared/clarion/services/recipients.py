"""Who of a campaign's run got what."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from clarion.domain.campaign import Campaign
from clarion.domain.errors import NotFound
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


def chosen_run(runs: Runs, org_id: str, campaign: Campaign, number: int | None, channel: str | None) -> Run:
    """The run ``number``, else the latest one, else that of the last launch by ``channel``.

    Raises NotFound for a run that is not there, or that went by another channel.
    """
    numbers = reversed(campaign.latest_runs) if number is None else [number]
    for each in numbers:
        run = runs.get(RunId(org_id, campaign.id, each))
        if channel in (None, run.channel):
            return run
    raise NotFound("run", f"{campaign.id}/{number or channel}")


class RecipientService:
    def __init__(self, campaigns: Campaigns, runs: Runs, recipients: Recipients) -> None:
        self._campaigns, self._runs, self._recipients = campaigns, runs, recipients

    def list(
        self,
        org_id: str,
        campaign_id: str,
        number: int | None,
        channel: str | None,
        outcome: str | None,
        limit: int,
        position: Mapping[str, Any] | None,
    ) -> tuple[Sequence[Recipient], Mapping[str, Any] | None]:
        """One page of the run that ``chosen_run`` tells, and the position to go on from (None at the end).

        A campaign never launched has no recipients. Raises NotFound for a campaign or a run that is not there.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        if number is None and not campaign.run:
            return [], None
        run = chosen_run(self._runs, org_id, campaign, number, channel)
        return self._recipients.list(run, outcome, limit, position)
