"""A campaign's whole life, in any order: users change their minds, workers die, messages get lost, time goes by."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clarion.domain.campaign import Campaign, Status
from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.errors import RuleBroken
from clarion.domain.outcomes import Rejected, Unknown
from tests.fakes.delivery import ORG
from tests.fakes.world import Killed
from tests.services.timeline import MINUTE, Timeline, few_shards

DRAFT, SCHEDULED, RUNNING, PAUSED = Status.DRAFT, Status.SCHEDULED, Status.RUNNING, Status.PAUSED
COMPLETED, FLAWED = Status.COMPLETED, Status.COMPLETED_WITH_FAILURES
CANCELLED, FAILED = Status.CANCELLED, Status.FAILED

ASKED = {
    "schedule": {DRAFT: {SCHEDULED}, SCHEDULED: {SCHEDULED}},
    "launch": {DRAFT: {RUNNING, SCHEDULED}, SCHEDULED: {RUNNING, SCHEDULED}, RUNNING: {RUNNING}},
    "pause": {RUNNING: {PAUSED}, PAUSED: {PAUSED}},
    "resume": {PAUSED: {RUNNING, COMPLETED, FLAWED}},  # after its end there may be nothing to resume
    "unschedule": {SCHEDULED: {DRAFT}, FAILED: {DRAFT}, DRAFT: {DRAFT}},
    "cancel": {each: {CANCELLED} for each in (DRAFT, SCHEDULED, RUNNING, PAUSED, CANCELLED)},
    "retry": {RUNNING: {RUNNING}, FLAWED: {RUNNING}},
}
"""What a user's wish makes of a campaign in each status in which it may be granted; in all others it is refused."""
BY_ITSELF = {
    SCHEDULED: {SCHEDULED, RUNNING, COMPLETED, FLAWED, FAILED},
    RUNNING: {RUNNING, COMPLETED, FLAWED},
}
"""What time and workers make of it; every other status stays."""
OPEN = {DRAFT, SCHEDULED, FAILED}
OVER = {COMPLETED, FLAWED, CANCELLED, FAILED}

WISHES = ["launch", "schedule", "unschedule", *["pause", "resume"] * 4, *["retry"] * 3, "cancel"]
"""What ends a campaign for good is seldom asked for, so that lives are long."""
NAMES = ("01J00000000000000000000000", "01J00000000000000000000001")
which = st.integers(0, 1)


@pytest.fixture(autouse=True, scope="module")
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


class CampaignLife(RuleBasedStateMachine):
    """Two campaigns that live side by side, against what the tables above allow."""

    def __init__(self) -> None:
        super().__init__()
        self.timeline = Timeline("2026-11-21T08:00:00Z", max_batch=2)
        self.timeline.people(6)
        self.timeline.people(2, timezone="Asia/Tokyo")
        self.timeline.people(1, attributes={"broken": True})
        self.timeline.vendor.answers = {
            "p1@example.com": [Rejected("MessageRejected", "no")],
            "p2@example.com": [Unknown("read timeout")],
        }
        self.status: dict[str, Status] = {}
        self.called_off: dict[str, int] = {}

    # --- what users ask for

    @initialize(kind=st.sampled_from(["now", "drip"]), days=st.integers(1, 6), planned=st.booleans())
    def launch_one(self, kind: str, days: int, planned: bool) -> None:
        self.create(kind, days, RUNNING)
        if planned:
            self.work(2, 0)

    @precondition(lambda self: len(self.status) < 2)
    @rule(
        kind=st.sampled_from(["now", "once", "daily", "drip", "own hour"]),
        days=st.integers(1, 6),
        wanted=st.sampled_from([None, RUNNING, RUNNING, RUNNING]),
    )
    def create(self, kind: str, days: int, wanted: Status | None) -> None:
        name = NAMES[len(self.status)]
        self.timeline.table.kill_at = None
        self.timeline.create(wanted, name, **self._details(kind, days))
        self.status[name] = DRAFT
        self._expect(name, {SCHEDULED, RUNNING} if wanted else {DRAFT})

    @precondition(lambda self: self.status)
    @rule(number=which, wish=st.sampled_from(WISHES))
    def ask(self, number: int, wish: str) -> None:
        name = NAMES[number % len(self.status)]
        self.nothing_leaves_of_what_stands_still()
        before, campaign = self.status[name], self.timeline.named(name)
        if wish == "resume" and before != PAUSED:  # to a campaign that stands otherwise that wish is a launch
            return
        granted = ASKED[wish].get(before, set()) if campaign.state == "active" else set()
        try:
            self._wish(wish, campaign)()
        except RuleBroken as refused:
            self._must_be_right_to_refuse(wish, campaign, granted, str(refused))
            granted = set()
        except Killed:
            granted = granted | {before}
            self.timeline.table.kill_at = None
        else:
            unchanged = campaign.state == "deleted" and self._status(name) == before
            assert granted or unchanged, f"{wish} was granted to a campaign that was {before}"
        self._expect(name, granted or {before})

    @precondition(lambda self: self.status)
    @rule(number=which, template=st.sampled_from(["t1", "t2"]))
    def edit(self, number: int, template: str) -> None:
        name = NAMES[number % len(self.status)]
        campaign = self.timeline.named(name)
        kind = {field: getattr(campaign, field) for field in CampaignDetails.model_fields}
        details = CampaignDetails.model_validate(kind | {"name": "Winter"})
        if campaign.type != "drip":
            details = details.model_copy(update={"template_id": template})
        try:
            self.timeline.service.update(ORG, name, details, None, campaign.version)
        except RuleBroken:
            other = details.template_id != campaign.template_id
            assert campaign.state == "deleted" or (other and campaign.status not in OPEN) or self._too_late(campaign)
        except Killed:
            self.timeline.table.kill_at = None
        self._expect(name, {self.status[name]})

    @precondition(lambda self: self.status)
    @rule(number=which, seldom=st.integers(0, 9))
    def delete(self, number: int, seldom: int) -> None:
        name = NAMES[number % len(self.status)]
        if seldom:
            return
        before = self.status[name]
        after = CANCELLED if before in (SCHEDULED, RUNNING, PAUSED) else before
        try:
            self.timeline.service.delete(ORG, name)
        except Killed:
            self.timeline.table.kill_at = None
            self._expect(name, {before, after})
        else:
            self._expect(name, {after})
            assert self.timeline.named(name).state == "deleted"

    # --- what happens

    @precondition(lambda self: RUNNING in self.status.values() and self.timeline.queue.waiting)
    @rule(number=which, before=st.integers(0, 6), after=st.integers(1, 6))
    def it_is_paused_while_messages_wait(self, number: int, before: int, after: int) -> None:
        self.work(before, 0)
        self.ask(number, "pause")
        self.work(after, 0)
        self.nothing_leaves_of_what_stands_still()

    @rule(
        by=st.sampled_from([timedelta(0), timedelta(seconds=30), 3 * MINUTE, timedelta(hours=2), timedelta(days=2)]),
        ticks=st.integers(0, 2),
    )
    def time_goes_by(self, by: timedelta, ticks: int) -> None:
        self.timeline.clock.time += by
        for _ in range(ticks):
            self.timeline.tick()
        self._by_itself()

    @rule(minutes=st.integers(1, 6))
    def go_on(self, minutes: int) -> None:
        self.timeline.minutes(minutes)
        self._by_itself()

    @rule(steps=st.integers(1, 5), seed=st.integers(0, 9))
    def work(self, steps: int, seed: int) -> None:
        self.timeline.shuffle(seed)
        for _ in range(min(steps, len(self.timeline.queue.waiting))):
            self.timeline.step()
        self._by_itself()

    @precondition(lambda self: self.timeline.queue.waiting)
    @rule(twice=st.booleans())
    def a_message_is_lost_or_comes_twice(self, twice: bool) -> None:
        message = self.timeline.queue.waiting.popleft()
        if twice:
            self.timeline.queue.waiting.extend([message, message])

    @rule(writes=st.integers(1, 5), after=st.booleans())
    def somebody_dies_soon(self, writes: int, after: bool) -> None:
        self.timeline.table.kill_at, self.timeline.table.after = self.timeline.table.calls + writes, after

    @rule()
    def what_was_broken_is_mended(self) -> None:
        for contact in self.timeline.contacts.all.values():
            contact["attributes"] = {}

    # --- what always holds

    @invariant()
    def nothing_leaves_of_what_stands_still(self) -> None:
        for name, status in self.status.items():
            sent = sum(letter.campaign == name for letter in self.timeline.letters)
            if status in (PAUSED, CANCELLED) or self.timeline.named(name).state == "deleted":
                assert self.called_off.setdefault(name, sent) == sent
            else:
                self.called_off.pop(name, None)

    @invariant()
    def the_books_are_kept(self) -> None:
        if self.status:
            self.timeline.check(*self.status)
        for name, status in self.status.items():
            campaign = self.timeline.named(name)
            assert status not in OVER or (not campaign.live and campaign.next_at is None)
            assert campaign.state == "active" or status not in (SCHEDULED, RUNNING, PAUSED)

    def teardown(self) -> None:
        """In the end everything ends: whatever still goes on completes, and everybody has an outcome."""
        self.timeline.table.kill_at = None
        for name in self.status:
            if self._status(name) == PAUSED:
                self.timeline.move(RUNNING, name)
            if self._status(name) in (SCHEDULED, RUNNING):
                assert self.timeline.finish(name).status in OVER
        if self.status:
            self.timeline.check(*self.status)

    # ---

    def _details(self, kind: str, days: int) -> dict[str, Any]:
        now = self.timeline.clock()
        times = {"startAt": (now + timedelta(hours=3)).isoformat(), "endAt": (now + timedelta(days=days)).isoformat()}
        match kind:
            case "now":
                return {"schedule": {"endAt": times["endAt"]}}
            case "daily":
                schedule = {"endAt": times["endAt"], "timezone": "Europe/Berlin"}
                return {"type": "recurring", "recurring": {"cron": "0 */8 * * *"}, "schedule": schedule}
            case "drip":
                steps = [{"id": "a", "templateId": "t1"}, {"id": "b", "templateId": "t1", "delay": "PT5H"}]
                return {"type": "drip", "templateId": None, "steps": steps, "schedule": {"endAt": times["endAt"]}}
            case "own hour":
                return {"schedule": times | {"recipientTime": True, "pastZones": "skip"}}
        return {"schedule": times, "sendWindow": {"from": "09:00", "to": "18:00"}}

    def _wish(self, wish: str, campaign: Campaign) -> Callable[[], object]:
        service, name = self.timeline.service, campaign.id
        if wish == "launch":
            return lambda: service.launch(ORG, name)
        if wish == "retry":
            return lambda: service.retry_failed(ORG, name)
        to = {"schedule": SCHEDULED, "pause": PAUSED, "resume": RUNNING, "unschedule": DRAFT, "cancel": CANCELLED}[wish]
        return lambda: service.update(ORG, name, campaign, to, campaign.version)

    def _too_late(self, campaign: Campaign) -> bool:
        """Whether its times have passed, so that it can be neither scheduled nor launched any more."""
        schedule = campaign.schedule
        return schedule is not None and self.timeline.clock() >= (
            schedule.start_at or schedule.end_at or campaign.created_at
        )

    def _must_be_right_to_refuse(self, wish: str, campaign: Campaign, granted: set[Status], reason: str) -> None:
        excuse = {"retry": "nobody's message failed", "schedule": "startAt is missing"}.get(wish)
        assert not granted or (excuse and excuse in reason) or self._too_late(campaign)

    def _status(self, name: str) -> Status:
        return self.timeline.named(name).status

    def _expect(self, name: str, allowed: set[Status]) -> None:
        status = self._status(name)
        assert status in allowed, f"{self.status[name]} became {status}"
        self.status[name] = status

    def _by_itself(self) -> None:
        for name, before in self.status.items():
            self._expect(name, BY_ITSELF.get(before, {before}))


CampaignLife.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestCampaignLife = CampaignLife.TestCase
