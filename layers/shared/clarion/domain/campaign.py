"""A campaign and the rules of its life: draft → scheduled → running → completed, with paused, cancelled and failed."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.errors import RuleBroken
from clarion.domain.occurrences import Start

MOST_LIVE_RUNS = 90  # they are paused and cancelled in one transaction of at most 100 actions


class Status(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    COMPLETED_WITH_FAILURES = "completed_with_failures"
    CANCELLED = "cancelled"
    FAILED = "failed"


NEXT: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SCHEDULED, Status.RUNNING, Status.CANCELLED}),
    Status.SCHEDULED: frozenset({Status.DRAFT, Status.RUNNING, Status.CANCELLED, Status.FAILED, Status.COMPLETED}),
    Status.RUNNING: frozenset(
        {Status.PAUSED, Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.CANCELLED},
    ),
    Status.PAUSED: frozenset({Status.RUNNING, Status.CANCELLED}),
    Status.COMPLETED: frozenset(),
    Status.COMPLETED_WITH_FAILURES: frozenset(),  # but for `retrying`
    Status.CANCELLED: frozenset(),
    Status.FAILED: frozenset({Status.DRAFT}),
}
OPEN = frozenset({Status.DRAFT, Status.SCHEDULED, Status.FAILED})
"""Statuses in which everything may still be changed."""
LIVE = frozenset({Status.RUNNING, Status.PAUSED})
ENDED = frozenset({Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.CANCELLED})
_ALWAYS_OPEN = {"name", "description", "brand", "budget"}


class Campaign(CampaignDetails):
    """A campaign as it is kept.

    ``run`` counts its runs, ``latest`` names those of the last launch (one for each channel), ``live`` those that go
    on. ``next_at`` is when the scheduler has something to
    do with it, ``next_wall`` the wall clock's time of that start where every zone has its own. ``missed`` counts
    occurrences that did not run, ``flawed`` tells that somebody's message failed. ``status_reason`` says why it paused
    or failed. ``guarded_since`` and ``guard_baseline`` are what its owner has seen of complaints and bounces.
    """

    id: str
    owner: str
    status: Status = Status.DRAFT
    status_reason: str | None = None
    state: Literal["active", "deleted"] = "active"
    run: int = 0
    latest: tuple[int, ...] = ()
    live: tuple[int, ...] = ()
    next_at: datetime | None = None
    next_wall: datetime | None = None
    missed: int = 0
    flawed: bool = False
    guarded_since: datetime | None = None
    guard_baseline: dict[str, int] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None = None
    completed_at: datetime | None = None
    version: int = 0

    def to(self, status: Status, now: datetime, reason: str | None = None) -> "Campaign":
        """The campaign in another status; RuleBroken where there is no such step."""
        if status == self.status:
            return self
        if self.state == "deleted" and status != Status.CANCELLED:
            raise RuleBroken("the campaign is deleted", "body.status")
        if status not in NEXT[self.status]:
            raise RuleBroken(f"a campaign that is {self.status.value} cannot become {status.value}", "body.status")
        changes: dict[str, Any] = {"status": status, "status_reason": reason, "updated_at": now}
        if status in ENDED:
            changes |= {"completed_at": now, "live": ()}
        if status not in (Status.SCHEDULED, Status.RUNNING):
            changes |= {"next_at": None, "next_wall": None}
        return self.model_copy(update=changes)

    def changed(self, details: CampaignDetails, now: datetime) -> "Campaign":
        """The campaign with new details; once it runs, only its labels may change."""
        if self.state == "deleted":
            raise RuleBroken("the campaign is deleted")
        update = {name: getattr(details, name) for name in CampaignDetails.model_fields}
        if self.status not in OPEN and self.repeats and not details.repeats:
            field = "body.recurring" if self.recurring else "body.milestone"
            raise RuleBroken(f"a campaign that is {self.status.value} keeps repeating; cancel it to end it", field)
        between = self.status == Status.PAUSED and self.repeats  # each of its runs has frozen what it sends
        if self.status not in OPEN:
            for name, value in update.items():
                open_ = name in _ALWAYS_OPEN or (between and name != "type")
                if not open_ and value != getattr(self, name):
                    raise RuleBroken(
                        f"a campaign that is {self.status.value} keeps its {to_words(name)}", f"body.{to_camel(name)}"
                    )
        return self.model_copy(update=update | {"updated_at": now})

    def says_more_than(self, other: "Campaign") -> bool:
        """Whether it differs from ``other`` in what is sent, to whom or when."""
        fields = set(CampaignDetails.model_fields) - _ALWAYS_OPEN
        return any(getattr(self, name) != getattr(other, name) for name in fields)

    def awaiting(self, start: Start | None) -> "Campaign":
        """The campaign with the scheduler's next appointment."""
        update = {"next_at": start.at if start else None, "next_wall": start.wall if start else None}
        return self.model_copy(update=update)

    @property
    def start(self) -> Start | None:
        """The scheduler's next appointment with it."""
        return Start(self.next_at, self.next_wall) if self.next_at else None

    @property
    def latest_runs(self) -> tuple[int, ...]:
        """The runs of its last launch; none before the first."""
        return self.latest or ((self.run,) if self.run else ())

    def launched(self, now: datetime, runs: int = 1) -> "Campaign":
        """Running, with the numbers of so many further ``runs``.

        Only what never ran is launched, except by the next occurrence of a campaign that has many.
        """
        if self.status not in (Status.DRAFT, Status.SCHEDULED, Status.RUNNING):
            raise RuleBroken(f"a campaign that is {self.status.value} cannot be launched", "body.status")
        if len(self.live) + runs > MOST_LIVE_RUNS:
            raise RuleBroken(f"{len(self.live)} of its runs are still going on", "body.status")
        running = self.to(Status.RUNNING, now)
        latest = tuple(range(self.run + 1, self.run + runs + 1))
        update = {
            "run": self.run + runs,
            "latest": latest,
            "live": (*self.live, *latest),
            "launched_at": self.launched_at or now,
        }
        return running.model_copy(update=update)

    def without(self, run: int, now: datetime, *, flawless: bool) -> "Campaign":
        """A run has come to its end; the campaign's own end where no other runs and none is to come."""
        flawed = self.flawed or not flawless
        rest = self.model_copy(
            update={"live": tuple(live for live in self.live if live != run), "flawed": flawed, "updated_at": now}
        )
        return rest.ended_if_idle(now)

    def ended_if_idle(self, now: datetime) -> "Campaign":
        """Completed, where it should be running but no run goes on and none is to come."""
        if self.live or self.next_at or self.status != Status.RUNNING:
            return self
        return self.to(Status.COMPLETED_WITH_FAILURES if self.flawed else Status.COMPLETED, now)

    def retrying(self, run: int, now: datetime) -> "Campaign":
        """Running again, for those of a run whose message failed."""
        if self.status not in (Status.RUNNING, Status.COMPLETED_WITH_FAILURES):
            raise RuleBroken(f"a campaign that is {self.status.value} has nothing to retry", "body.status")
        if self.state == "deleted":
            raise RuleBroken("the campaign is deleted")
        live = self.live if run in self.live else (*self.live, run)
        if len(live) > MOST_LIVE_RUNS:
            raise RuleBroken(f"{len(self.live)} of its runs are still going on", "body.status")
        running = {"status": Status.RUNNING, "status_reason": None, "flawed": False, "completed_at": None}
        return self.model_copy(update={**running, "live": live, "updated_at": now})

    def deleted(self, now: datetime) -> "Campaign":
        """Soft-deleted; what was to be sent is cancelled, what was counted stays."""
        live = self.status in LIVE or self.status == Status.SCHEDULED
        campaign = self.to(Status.CANCELLED, now) if live else self
        return campaign.model_copy(update={"state": "deleted", "updated_at": now})


def to_words(name: str) -> str:
    """``template_id`` → ``template id``."""
    return name.replace("_", " ")


def to_camel(name: str) -> str:
    """``template_id`` → ``templateId``."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
