"""A whole delivery in memory whose contacts enter journeys while these run."""

from collections import Counter
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.engagement import Kind
from clarion.domain.entry import Act, Candidates, Change
from clarion.domain.run import RunId
from clarion.services.entering import EnterService
from clarion.storage.timelines import TimelineTable
from tests.fakes.delivery import ORG, Delivery

STEPS = [
    {"id": "hello", "templateId": "t1"},
    {"id": "more", "templateId": "t2", "delay": "P3D"},
]


class Journey(Delivery):
    """A delivery whose contacts may enter while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[int, str]] = []
        self.timelines = TimelineTable(self.table)
        self.door = EnterService(
            self.entries,
            self.runs,
            self.campaigns,
            self.contacts,
            self.timelines,
            self.batches,
            self.queue,
            self,
            self.clock,
        )

    def look_on(self, run_id: RunId, shard: int, after: str) -> None:
        self.looks.append((shard, after))

    def drip(self, **details: Any) -> None:
        details = {"type": "drip", "templateId": None, "steps": STEPS, **details}
        self.launch(**details)
        self.work()

    def milestone(self, milestone: dict[str, Any], **details: Any) -> None:
        self.launch(type="milestone", milestone=milestone, **details)
        self.work()

    def changed(self, *contacts: str, lead_status: str = "") -> None:
        """The stream tells that contacts were added or changed."""
        self.door.enter(Candidates(ORG, tuple(Change(each, lead_status) for each in contacts)))
        self.work()

    def acted(self, contact: str, kind: str, campaign: str = "") -> None:
        self.door.enter(Candidates(ORG, (), (Act(contact, Kind(kind), campaign),)))
        self.work()

    def message(self, contact: str, campaign: str = "other", **attributes: Any) -> None:
        """Something another campaign sent, and what became of it."""
        key = keys.message(ORG, contact, campaign, 1, "1", "email")
        self.table.put({**key, "state": "claimed", "batch": "", "claimed_at": stamp(self.clock()), **attributes})

    def look(self) -> None:
        for shard in range(keys.CONTACT_SHARDS):
            self.door.look_again(self.run_id, shard, None, self.remaining_ms)
        self.work()

    def entered(self) -> dict[str, list[str]]:
        """The keys of the places taken so far, by contact."""
        taken: dict[str, list[str]] = {}
        for (pk, sk), _ in sorted(self.table.items.items()):
            if sk.startswith("ENTRY#"):
                taken.setdefault(pk.rpartition("#")[2], []).append(sk.rpartition("#")[2])
        return taken

    def sent(self) -> Counter[str]:
        return Counter(self.vendor.outbox)

    def days(self, number: float) -> None:
        """Days go by: the tick sees to what has become due."""
        self.clock.go_on(days=number)
        self.starter.tick()
        self.work()
