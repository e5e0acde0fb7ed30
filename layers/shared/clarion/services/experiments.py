"""A/B tests: deciding for a variant."""

from collections.abc import Iterable
from typing import Protocol

from clarion.domain.analytics import CounterRow, campaign_report
from clarion.domain.experiment import Experiment
from clarion.domain.split import winner_of


class DayCounters(Protocol):
    def days(self, org_id: str, campaign_id: str, since: str) -> Iterable[CounterRow]: ...


class ExperimentService:
    """Reads counters; keeping the decision is for the caller, since counters go on moving."""

    def __init__(self, counters: DayCounters) -> None:
        self._counters = counters

    def decide(
        self, org_id: str, campaign_id: str, channel: str, step: str, experiment: Experiment, since: str
    ) -> str:  # fmt: skip
        """The id of the variant that wins by what was counted from the UTC day ``since`` (``2026-11-21``) on."""
        report = campaign_report(campaign_id, self._counters.days(org_id, campaign_id, since), {})
        figures = {variant: f for (c, s, variant), f in report.variants.items() if (c, s) == (channel, step)}
        return winner_of(experiment, figures)
