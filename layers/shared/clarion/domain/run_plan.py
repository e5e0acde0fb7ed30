"""What a run froze at its launch: audience, content, sender, times and rules."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clarion.domain.audience import AudienceDefinition, membership
from clarion.domain.campaign_details import CampaignType, Sender
from clarion.domain.experiment import Experiment
from clarion.domain.journey import ExitReason, Goal, Milestone, Reentry
from clarion.domain.local_time import first_instant, instant, last_instant, next_time_of_day
from clarion.domain.model import Model
from clarion.domain.outlet import Outlet
from clarion.domain.publishing import PUBLISHING
from clarion.domain.sending_rules import ChannelType
from clarion.domain.split import WINNER
from clarion.domain.timing import SendWindow


class RunContent(Model):
    """Compiled content of one message: where it is kept, and the number of its first link in the step's link table."""

    digest: str
    first_link: int = 0


class RunStep(Model):
    """One message of the run; ``contents`` by variant, ``""`` where there are none."""

    id: str
    contents: dict[str, RunContent]
    delay: timedelta = timedelta(0)
    send_window: SendWindow | None = None


class RunPlan(Model):
    """Frozen: what its campaign says later changes nothing for a run that goes on.

    ``definition`` says who gets it. A run that publishes has ``outlets`` in the place of contacts: social profiles or
    ad accounts; what a definition says then is whom ads are shown to. ``sender`` is that of mails.
    ``base`` is the start; ``wall`` the recipients' own time, where every zone has its own.
    """

    type: CampaignType = "one-shot"
    channel: ChannelType
    definition: AudienceDefinition | None = None
    outlets: tuple[Outlet, ...] = ()
    steps: tuple[RunStep, ...]
    sender: Sender | None = None
    base: datetime
    wall: datetime | None = None
    timezone: str = "UTC"
    past_zones: str = "send"
    zoned: bool = False
    end_at: datetime | None = None
    expire_after: timedelta | None = None
    send_window: SendWindow | None = None
    ignore_frequency_caps: bool = False
    hold_out: float = 0
    experiment: Experiment | None = None
    milestone: Milestone | None = None
    goal: Goal | None = None
    exit_on: tuple[ExitReason, ...] = ()
    reentry: Reentry | None = None

    @property
    def journey(self) -> bool:
        return self.type in ("drip", "milestone")

    def membership(self) -> Callable[[Mapping[str, Any]], bool]:
        """Whether a contact's document belongs to its audience; nobody does where it has none."""
        return membership(self.definition) if self.definition else lambda _: False

    @property
    def publishes(self) -> bool:
        """Whether its recipients are outlets rather than contacts."""
        return self.channel in PUBLISHING

    def outlet(self, outlet_id: str) -> Outlet | None:
        """The outlet that a ledger's recipient is."""
        return next((outlet for outlet in self.outlets if outlet.id == outlet_id), None)

    @property
    def decide_at(self) -> datetime | None:
        """When the experiment's winner is named: counted from the last recipient's hour."""
        if self.experiment is None:
            return None
        return (last_instant(self.wall) if self.wall else self.base) + self.experiment.decide_after

    def due(self, zone: str, variant: str) -> datetime:
        """When the first message of that variant goes out in a zone."""
        if variant == WINNER and self.decide_at is not None:
            return self.decide_at
        start = instant(self.wall, ZoneInfo(zone)) if self.wall else self.base
        return start + self._delay(variant)

    def winner_due(self, zone: str, winner: str, decided: datetime) -> datetime:
        """When the winner goes out to whoever waited for it: at its own hour where hours differ, else at once."""
        delays = {variant.delay for variant in self.experiment.variants} if self.experiment else set()
        if self.wall is None and len(delays) < 2:
            return decided
        there = ZoneInfo(zone if self.wall else self.timezone)
        start = (instant(self.wall, there) if self.wall else self.base) + self._delay(winner)
        return next_time_of_day(decided, start.astimezone(there).time(), there)

    def expired(self, due: datetime, at: datetime) -> bool:
        """Whether a message that was due then may not go out any more."""
        if self.end_at is not None and at >= self.end_at:
            return True
        return self.expire_after is not None and at > due + self.expire_after

    @property
    def begins(self) -> datetime:
        """When the first recipient's hour comes."""
        return first_instant(self.wall) if self.wall else self.base

    def _delay(self, variant: str) -> timedelta:
        variants = self.experiment.variants if self.experiment else ()
        return next((each.delay for each in variants if each.id == variant), timedelta(0))
