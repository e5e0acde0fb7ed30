"""The automatic pause: watching what campaigns that are running cause."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from clarion.domain import guard as rule
from clarion.domain.analytics import CounterRow, campaign_report
from clarion.domain.sending_rules import Guard

_METRICS = ("sends", "complaints", "bounces_hard")


class DayCounters(Protocol):
    def days(self, org_id: str, campaign_id: str, since: str) -> Iterable[CounterRow]: ...


class GuardService:
    """Looks at today's and yesterday's counters (UTC): what counts is what a campaign causes now."""

    def __init__(self, counters: DayCounters) -> None:
        self._counters = counters

    def breach(
        self,
        org_id: str,
        campaign_id: str,
        guard: Guard,
        now: datetime,
        since: datetime | None,
        baseline: Mapping[str, int],
    ) -> tuple[str | None, Mapping[str, int]]:
        """Why to pause, in words, or None; and the counts judged: ``sends``, ``complaints``, ``bounces_hard``.

        Nothing from before ``since`` is held against the campaign again: days before it are left out, and ``baseline``
        is what ``baseline`` answered at ``since``, to be taken off its day.
        """
        first = _day(now - timedelta(days=1))
        before: Mapping[str, int] = {}
        if since is not None and _day(since) >= first:
            first, before = _day(since), baseline
        counted = self._counted(org_id, campaign_id, first)
        # Counts of a day can shrink when an event from a day before arrives late.
        judged = {metric: max(count - before.get(metric, 0), 0) for metric, count in counted.items()}
        return rule.breach(guard, judged["sends"], judged["complaints"], judged["bounces_hard"]), judged

    def baseline(self, org_id: str, campaign_id: str, now: datetime) -> dict[str, int]:
        """What is counted of today already, to be kept when a campaign is resumed: ``{"sends": 5000, …}``."""
        return self._counted(org_id, campaign_id, _day(now))

    def _counted(self, org_id: str, campaign_id: str, since: str) -> dict[str, int]:
        totals = campaign_report(campaign_id, self._counters.days(org_id, campaign_id, since), {}).totals
        return {metric: totals.count(metric) for metric in _METRICS}


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
