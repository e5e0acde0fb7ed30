"""Workers killed: at every named point of their work, and at random moments under load; the clock of the stack itself.

The recurring campaign of the last tests, and the one whose workers are killed at random, began long before (conftest):
leases, looks and ticks of the real schedule take minutes.
"""

import time
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from clarion.clock import moment, now
from clarion.keys import contact_shard
from local.stack import Stack
from tests.stack.company import TICKS, Company, Letter, eventually
from tests.stack.workers import Ambush, Trap, Victim

pytestmark = pytest.mark.stack

MOST_ROUNDS = 10
LEASE_AND_LOOK = timedelta(minutes=5)  # longer than a worker's lease, and than the scheduler's first look waits


# --- named points


class Point(NamedTuple):
    """A moment in the life of a campaign: a worker is killed once its call of AWS with these words is through.

    A call comes after the one above it, so these are also the moments just before each. One that leaves ``unknown``
    recipients is one in which nobody can know whether their mails left; after one that is ``told`` the vendor's events
    say that they did.
    """

    name: str
    call: str
    words: tuple[str, ...]
    kind: str = "one-shot"
    unknown: bool = False
    told: bool = False

    def trap(self, campaign: str) -> Trap:
        words = (*self.words, campaign)
        return Trap(lambda call: call.name == self.call and all(word in call.body for word in words))


def _update(sk: str, *words: str) -> tuple[str, tuple[str, ...]]:
    return "DynamoDB.UpdateItem", (f'"sk": {{"S": "{sk}', *words)


TRANSACT, QUEUE = "DynamoDB.TransactWriteItems", "SQS.SendMessageBatch"
FIRST, SECOND = '#000000#00"', '#000000#01"'  # the batches of a journey's steps

POINTS = [
    Point("the run is launched", TRANSACT, ('"RUN"', '"plan"'), "scheduled"),
    Point("its planning is queued", QUEUE, ('"shard": 0}',), "scheduled"),
    Point("a shard is planned", TRANSACT, ('"SHARD#', '"planned"', '"BATCH#')),
    Point("its batch is queued", QUEUE, ('"step": 0',)),
    Point("the batch is claimed", *_update("BATCH#", '"claimed"')),
    Point("a place under the cap is taken", *_update("CAPS#email")),
    Point("the messages are claimed", "DynamoDB.BatchExecuteStatement", ("MSG#",)),
    Point("the call is announced", *_update("BATCH#", '"calling"'), unknown=True),
    Point("the vendor has taken the mails", "SES.Send", (), told=True),
    Point("the batch is closed", TRANSACT, ('"batches_done"', '"done"')),
    Point("the run is completed", TRANSACT, ('"RUN"', '"completed"')),
    Point("the next step is planned", TRANSACT, (FIRST, SECOND), "drip"),
    Point("the next step is queued", QUEUE, ('"step": 1',), "drip"),
    Point("the next step is announced", *_update("BATCH#", SECOND, '"calling"'), "drip", unknown=True),
]


class Fate(NamedTuple):
    """What became of the campaign of one point; ``sprung`` when its worker was killed there."""

    sprung: bool
    campaign: str
    seen: dict[str, Any]


class Ambushed(NamedTuple):
    """A company of which each campaign lost a worker at another point."""

    company: Company
    contacts: list[str]
    fates: dict[str, Fate]


@pytest.fixture(scope="module")
def ambushed(stack: Stack) -> Ambushed:
    """All points at once; then time passes, as often as it takes for every campaign to come to its end."""
    company, ambush = Company(stack), Ambush(stack)
    company.rules(frequencyCaps=[{"channel": "email", "most": 100, "per": "P1D"}])
    contacts = company.enlist([{}] * 2)
    template, begun = company.template(), dict[str, tuple[str, Trap]]()
    with ambush.around("StartDueWork", "PlanAudience", "SendBatch"):
        for point in POINTS:
            campaign = company.campaign(**_fields(point.kind, template))
            begun[point.name] = campaign, point.trap(campaign)
            ambush.lay(begun[point.name][1])
            company.move(campaign, "scheduled" if point.kind == "scheduled" else "running")
        alive = [campaign for campaign, _ in begun.values()]
        for _ in range(MOST_ROUNDS):
            _rest(company, alive)
            alive = [campaign for campaign in alive if not _over(company, campaign)]
            if not alive:
                break
            for campaign in alive:
                company.let_pass(LEASE_AND_LOOK, campaign)
            company.tick()
    fates = {name: Fate(trap.sprung.is_set(), each, company.seen(each)) for name, (each, trap) in begun.items()}
    for fate in fates.values():
        if fate.seen["type"] == "drip":  # which goes on until it is told to end
            company.move(fate.campaign, "cancelled")
    return Ambushed(company, contacts, fates)


def _fields(kind: str, template: str) -> dict[str, Any]:
    if kind == "drip":
        steps = [{"id": "1", "templateId": template}, {"id": "2", "templateId": template, "delay": "PT1S"}]
        return {"type": "drip", "steps": steps}
    if kind == "scheduled":
        start = datetime.now().astimezone() + timedelta(seconds=10)
        return {"templateId": template, "schedule": {"startAt": start.isoformat()}}
    return {"templateId": template}


def _rest(company: Company, campaigns: list[str]) -> None:
    """Wait until nothing has moved for as long as a worker may think."""
    last: list[Any] = [None]

    def unmoved() -> bool:
        time.sleep(2)
        before = last[0]
        last[0] = [(row["sk"], row["moves"]) for campaign in campaigns for row in company.ledger(campaign)]
        return bool(last[0] == before)

    eventually(unmoved, 120)


def _over(company: Company, campaign: str) -> bool:
    """Whether everybody has an outcome, at every step."""
    seen = company.seen(campaign)
    rows = company.ledger(campaign)
    if seen["type"] == "drip":
        steps = [row["sk"][-2:] for row in rows if row["state"] == "done"]
        return bool(seen["recipients"]["planned"] and steps.count("00") == steps.count("01") == len(rows) / 2 > 0)
    return bool(seen["status"].startswith("completed"))


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_a_worker_killed_once_its_call_is_through_repeats_nobody_and_forgets_nobody(
    ambushed: Ambushed, point: Point
) -> None:
    company, fate = ambushed.company, ambushed.fates[point.name]
    assert fate.sprung
    account = company.proven(fate.campaign)
    steps = ("1", "2") if point.kind == "drip" else ("1",)
    assert set(account.outcomes) == {Letter(contact, 1, step) for contact in ambushed.contacts for step in steps}
    assert set(account.outcomes.values()) - {"sent"} == ({"unknown"} if point.unknown else set())
    calls = {contact_shard(letter.contact) for letter in account.of("unknown")}
    assert len(calls) == point.unknown
    if point.kind != "drip":
        flawed = fate.seen["status"] == "completed_with_failures"
        assert flawed == point.unknown or point.told  # it may have ended before the vendor told of the mails


# --- random moments, and the schedule of the stack itself


def test_workers_killed_under_load_cost_their_own_calls_at_most(victim: Victim) -> None:
    company, killed = victim.company, victim.killed
    assert min(killed.values()) > 1
    assert company.ended(victim.campaign, 330)["status"].startswith("completed")
    account = company.proven(victim.campaign)
    assert len(account.outcomes) == victim.contacts
    assert set(account.counts()) <= {"sent", "unknown"}
    assert len(account.of("unknown")) <= 50 * killed["SendBatch"]  # what one call takes


def test_a_recurring_campaign_runs_every_minute_by_the_schedule_alone(recurring: tuple[Company, str]) -> None:
    company, campaign = recurring

    def by_itself() -> bool:
        starts = [company.run(campaign, n)["started_at"] for n in range(1, company.seen(campaign)["run"] + 1)]
        return sum(not any(began <= moment(start) <= ended for began, ended in TICKS) for start in starts) >= 2

    eventually(by_itself, 300)
    seen = company.seen(campaign)
    runs = [moment(each) for each in seen["nextRuns"]]
    assert runs[0] > now()
    assert [later - earlier for earlier, later in pairwise(runs)] == [timedelta(minutes=1)] * 4
    eventually(lambda: company.seen(campaign)["liveRuns"] == [], 150)  # workers of its own were killed, too
    paused = company.move(campaign, "paused")
    assert (paused["status"], paused["nextAt"]) == ("paused", None)
    account = company.proven(campaign)
    contacts = {letter.contact for letter in account.outcomes}
    launched = range(1, paused["run"] + 1)
    assert account.outcomes == {Letter(contact, run, "1"): "sent" for contact in contacts for run in launched}
    assert len(contacts) == 2
    minutes = (now() - moment(seen["createdAt"])) / timedelta(minutes=1)
    assert paused["run"] + paused["missed"] <= minutes + 1
    company.move(campaign, "cancelled")
    company.tick()
    assert company.seen(campaign)["run"] == paused["run"]


def test_after_all_this_the_stack_is_in_good_health(recurring: tuple[Company, str]) -> None:
    company, _ = recurring
    company.tick()
    health = company.api.call("GET", "/crm/marketing/health")
    assert (health["status"], health["reasons"]) == ("ok", [])
    assert health["scheduler"]["ageSeconds"] < 60
    assert health["channels"]["email"]["lastSentAt"] is not None
    assert set(health["deadLetters"].values()) == {0}
