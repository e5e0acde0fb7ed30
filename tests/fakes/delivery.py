"""A whole delivery in memory: contacts, queues, a vendor and a clock, on the in-memory table; faults where asked."""

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from clarion import keys
from clarion.domain.campaign import Campaign, Status
from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.message_channel import MessageChannel
from clarion.domain.run import BatchId, Run, RunId
from clarion.services.addressing import Addressing
from clarion.services.allowances import Allowances
from clarion.services.campaigns import CampaignService
from clarion.services.completion import CompletionService
from clarion.services.exits import JourneyExits
from clarion.services.experiments import ExperimentService
from clarion.services.guarding import GuardService
from clarion.services.launch_contents import ContentCompiler
from clarion.services.launching import LaunchPreparation
from clarion.services.lost_calls import LostCalls
from clarion.services.planning import PlanService
from clarion.services.sending import SendService
from clarion.services.shard_tasks import ShardTasks
from clarion.services.starting import StartService
from clarion.services.supervision import Supervision
from clarion.storage.batches import BatchTable
from clarion.storage.counters import CounterTable
from clarion.storage.due import DueTable
from clarion.storage.engagement import EngagementTable
from clarion.storage.entries import EntryTable
from clarion.storage.frequency_caps import FrequencyCapTable
from clarion.storage.publications import PublicationTable
from clarion.storage.rates import RateTable
from clarion.storage.runs import RunTable
from tests.fakes.campaigns import CampaignsInMemory
from tests.fakes.world import (
    Audiences,
    Channels,
    Clock,
    Composer,
    Contacts,
    FaultyTable,
    Killed,
    Looks,
    QueueInMemory,
    Rules,
    Signs,
    Suppressions,
    Templates,
    Vendor,
)

ORG = "01J00000000000000000000ACM"
CAMPAIGN = "01J0000000000000000000CAMP"


class Delivery:
    """Everything of a delivery that is ours is the real thing; the world around it is in memory."""

    def __init__(self, max_batch: int = 50) -> None:
        self.clock, self.table = Clock(), FaultyTable()
        self.contacts, self.suppressions, self.vendor = Contacts(), Suppressions(), Vendor(max_batch)
        self.queue, self.audiences, self.rules, self.signs = QueueInMemory(self.clock), Audiences(), Rules(), Signs()
        self.daily_looks = Looks()
        self.campaigns, self.runs = CampaignsInMemory(self.table), RunTable(self.table)
        self.batches, self.entries = BatchTable(self.table), EntryTable(self.table)
        self.completion = CompletionService(self.campaigns, self.runs, self.clock)
        guards = GuardService(CounterTable(self.table))
        self.channels = Channels()
        contents = ContentCompiler(Templates(), lambda url: None)
        preparation = LaunchPreparation(self.audiences, contents, self.channels, self.rules)
        self.service = CampaignService(self.campaigns, self.runs, preparation, self.queue, guards, self.clock)
        self.planner = PlanService(
            self.contacts,
            self.runs,
            self.batches,
            self.entries,
            self.queue,
            self.completion,
            ShardTasks(self.runs, self.batches, self.queue, self.clock),
            self.clock,
        )
        self.caps, self.rates = FrequencyCapTable(self.table), RateTable(self.table)
        self.others: dict[str, MessageChannel] = {}
        self.through(self.vendor, self._composer_of)
        experiments = ExperimentService(CounterTable(self.table))
        supervision = Supervision(
            self.runs, self.campaigns, self.queue, self.daily_looks, self.completion, experiments, guards, self.rules
        )
        self.starter = StartService(
            DueTable(self.table), self.campaigns, self.service, self.runs, supervision, self.queue, self.clock
        )
        self.remaining_ms = lambda: 100_000
        self.crashes = 0
        self.composer: Any = Composer()

    def through(self, channel: MessageChannel, composer_of: Callable[[Run, BatchId, str], Any]) -> None:
        """Send through this channel from now on."""
        self.sender = SendService(
            self.runs,
            self.batches,
            Addressing(self.contacts, self.suppressions, JourneyExits(EngagementTable(self.table))),
            Allowances(self.caps, self.rates, self.clock, lambda seconds: self.clock.go_on(seconds=seconds)),
            composer_of,
            lambda org_id, name: self.others.get(name, channel),
            self.queue,
            self.completion,
            LostCalls(PublicationTable(self.table)),
            self.rules,
            self.signs,
            self.clock,
        )

    def _composer_of(self, run: Run, batch_id: BatchId, variant: str) -> Any:
        """As wiring's, a message must exist before it is composed."""
        self.runs.content(run.id, run.content_of(batch_id, variant).digest)
        return self.composer

    @property
    def run_id(self) -> RunId:
        return RunId(ORG, CAMPAIGN, 1)

    def people(self, number: int, **fields: Any) -> list[str]:
        """Add contacts that exist since yesterday; their ids."""
        start = len(self.contacts.all)
        ids = [f"01J{n:023d}" for n in range(start, start + number)]
        for n, contact_id in enumerate(ids, start):
            self.contacts.add(contact_id, self.clock() - timedelta(days=1), **{"email": f"p{n}@example.com", **fields})
        return ids

    def launch(self, **details: Any) -> Campaign:
        """A campaign to everybody, launched now."""
        return self.service.create(ORG, CAMPAIGN, "u-owner", campaign_details(**details), Status.RUNNING)

    def step(self) -> bool:
        """One queue message, handled; False when none waits. A killed worker's message is lost with it."""
        message = self.queue.take()
        if message is None:
            return False
        kind, what = message
        try:
            if kind == "plan":
                run_id, shard = what
                self.planner.plan(run_id, shard, self.remaining_ms)
            else:
                self.sender.send(what, self.remaining_ms)
        except Killed:
            self.table.kill_at = None
        except Exception:
            self.crashes += 1
        return True

    def work(self) -> None:
        """Handle queue messages until none waits."""
        while self.step():
            pass

    def recover(self, minutes: int = 8) -> None:
        """Minutes go by: ticks sweep, workers work."""
        for _ in range(minutes):
            self.clock.go_on(minutes=1)
            self.starter.tick()
            self.work()

    def campaign(self) -> Campaign:
        return self.campaigns.get(ORG, CAMPAIGN)

    def outcomes(self) -> Mapping[str, int]:
        return self.runs.progress(self.run_id).outcomes

    def counted_sends(self) -> int:
        """Sends as the report would count them."""
        rows = self.table.query_all(keys.campaign_pk(ORG, CAMPAIGN), "STAT#DAY#")
        return sum(int(row.get("email.1.sends", 0)) for row in rows)

    def sent_twice(self) -> list[str]:
        return [address for address, n in Counter(self.vendor.outbox).items() if n > 1]

    def shuffle(self, seed: int) -> None:
        """Queues keep no order."""
        waiting = list(self.queue.waiting)
        random.Random(seed).shuffle(waiting)
        self.queue.waiting = deque(waiting)


def campaign_details(**details: Any) -> CampaignDetails:
    """Details that can be launched, changed where asked."""
    everybody = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}
    return CampaignDetails.model_validate(
        {"name": "Autumn", "channels": ["email"], "audience": everybody, "templateId": "t1", **details}
    )


def run_of(delivery: Delivery) -> Run:
    return delivery.runs.get(delivery.run_id)
