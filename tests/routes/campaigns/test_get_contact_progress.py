"""GET /crm/marketing/campaigns/{campaign_id}/contacts/{contact_id}"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.clock import stamp
from clarion.domain.run import Batch, BatchId, BatchState, Result, Run, RunId
from clarion.domain.succession import successor_of
from clarion.storage.batches import BatchTable
from clarion.storage.runs import RunTable
from clarion.storage.table import Table
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, STRANGER, VIEWER

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Campaign:
    """A campaign that runs, and the workers of its ledger."""

    def __init__(self, call: Any, table: Table, body: dict[str, Any]) -> None:
        created = call("campaigns", "create_campaign", body={**body, "status": "running"})
        assert created.status == 201, created.text
        self.id, self._call, self._table = created.json["id"], call, table
        self._runs, self._batches = RunTable(table), BatchTable(table)
        person = {"email": "ann@example.com"}
        self.contact: str = call("contacts", "create_contact", body=person).json["id"]

    def run(self, number: int = 1) -> Run:
        return self._runs.get(RunId(ACME, self.id, number))

    def enter(self, at: datetime, outcome: str = "") -> Batch:
        """Ann's first batch; with an ``outcome`` it is done as it is made."""
        run, shard = self.run(), keys.contact_shard(self.contact)
        key = "0001" if run.plan.journey else ""
        batch = Batch(BatchId(run.id, shard, 0), BatchState.PLANNED, (self.contact,), stamp(at), key=key)
        if outcome:
            batch = replace(batch, state=BatchState.DONE, results={0: Result(outcome)}, closed_at=stamp(at))
        seen = self._runs.shard(run.id, shard)
        self._batches.add(run, seen, [batch], after=None, planned=seen.planned, fallbacks={}, now=at)
        return batch

    def end(self, batch: Batch, outcome: str, at: datetime) -> Batch | None:
        """Bring Ann's batch to its end; the batch of the next step."""
        run = self.run()
        if outcome == "sent":
            self._claim(batch, at)
        ended = replace(batch, results={0: Result(outcome)})
        successor = successor_of(run, ended, at)
        self._batches.done(batch, ended, run, at, successor)
        return successor

    def _claim(self, batch: Batch, at: datetime) -> None:
        assert self._batches.claim_messages(batch, self.run(), {0: "ann@example.com"}, at) == {0}

    def happened(self, step: str, **attributes: Any) -> None:
        self._table.update(keys.message(ACME, self.contact, self.id, 1, step, "email"), set=attributes)

    def progress(self, **how: Any) -> Any:
        path = {"campaign_id": self.id, "contact_id": self.contact}
        return self._call("campaigns", "get_contact_progress", **{"path": path, **how})


@pytest.fixture(autouse=True)
def _claims(monkeypatch: pytest.MonkeyPatch) -> None:
    run_inserts(monkeypatch)


@pytest.fixture
def drip(call: Any, ready: Any, table: Table) -> Campaign:
    steps = [
        {"id": "hello", "templateId": ready.template},
        {"id": "more", "templateId": ready.template, "delay": "P1D"},
    ]
    return Campaign(call, table, ready.campaign(type="drip", steps=steps, templateId=None))


@pytest.fixture
def one_shot(call: Any, ready: Any, table: Table) -> Campaign:
    return Campaign(call, table, ready.campaign())


def present(view: dict[str, Any]) -> dict[str, Any]:
    """Without what is null or empty."""
    return {name: value for name, value in view.items() if value not in (None, [])}


def steps_of(answer: Any) -> Iterator[dict[str, Any]]:
    return (present(step) for entry in answer.json["entries"] for step in entry["steps"])


def test_a_contact_that_was_never_let_in(drip: Campaign) -> None:
    answer = drip.progress(user=VIEWER)
    assert answer.status == 200
    assert answer.json == {"contactId": drip.contact, "state": "not_entered", "entries": []}


def test_a_contact_on_its_way_has_its_next_message_before_it(drip: Campaign) -> None:
    drip.end(drip.enter(NINE), "sent", NINE)
    drip.happened("hello", delivered_at=stamp(NINE), first_open_at=stamp(NINE + DAY), first_click_at=stamp(NINE + DAY))
    answer = drip.progress()
    assert answer.json["state"] == "active"
    [entry] = answer.json["entries"]
    assert (entry["run"], entry["enteredAt"], entry["endedAt"], entry["outcome"]) == (
        1,
        "2026-11-21T09:00:00Z",
        None,
        None,
    )
    assert list(steps_of(answer)) == [
        {
            "step": "hello",
            "outcome": "sent",
            "dueAt": "2026-11-21T09:00:00Z",
            "sentAt": "2026-11-21T09:00:00Z",
            "deliveredAt": "2026-11-21T09:00:00Z",
            "openedAt": "2026-11-22T09:00:00Z",
            "clickedAt": "2026-11-22T09:00:00Z",
        },
        {"step": "more", "dueAt": "2026-11-22T09:00:00Z"},
    ]


def test_what_a_contact_answered_is_there_to_read(drip: Campaign, table: Table) -> None:
    drip.end(drip.enter(NINE), "sent", NINE)
    drip.happened("hello", replied_at=stamp(NINE))
    for n, text in enumerate(("Yes, please", "Tomorrow?")):
        at = stamp(NINE + n * DAY)
        event = {"kind": "reply", "msg": keys.message_sk(drip.id, 1, "hello", "email"), "at": at, "text": text}
        table.put({**keys.event(ACME, drip.contact, at, f"r{n}"), **event})
    hello, more = steps_of(drip.progress())
    assert hello["replies"] == [
        {"at": "2026-11-21T09:00:00Z", "text": "Yes, please"},
        {"at": "2026-11-22T09:00:00Z", "text": "Tomorrow?"},
    ]
    assert "replies" not in more


def test_a_contact_that_came_to_the_last_message_has_finished(drip: Campaign) -> None:
    second = drip.end(drip.enter(NINE), "skipped.capped", NINE)
    assert second is not None
    drip.end(second, "sent", NINE + DAY)
    answer = drip.progress()
    assert answer.json["state"] == "finished"
    [entry] = answer.json["entries"]
    assert (entry["endedAt"], entry["outcome"]) == ("2026-11-22T09:00:00Z", "sent")
    assert [(step["step"], step["outcome"], "sentAt" in step) for step in steps_of(answer)] == [
        ("hello", "skipped.capped", False),
        ("more", "sent", True),
    ]


def test_a_contact_that_left_before_has_exited_and_says_why(drip: Campaign) -> None:
    second = drip.end(drip.enter(NINE), "sent", NINE)
    assert second is not None
    drip.end(second, "skipped.goal_reached", NINE + DAY)
    answer = drip.progress()
    assert answer.json["state"] == "exited"
    assert answer.json["entries"][0]["outcome"] == "skipped.goal_reached"


def test_whoever_is_held_out_left_at_once(drip: Campaign) -> None:
    drip.enter(NINE, "skipped.hold_out")
    answer = drip.progress()
    assert answer.json["state"] == "exited"
    assert answer.json["entries"][0]["endedAt"] == "2026-11-21T09:00:00Z"
    assert list(steps_of(answer)) == [{"step": "hello", "outcome": "skipped.hold_out", "dueAt": "2026-11-21T09:00:00Z"}]


def test_a_cancelled_journey_is_left(drip: Campaign, call: Any) -> None:
    drip.end(drip.enter(NINE), "sent", NINE)
    call("campaigns", "delete_campaign", path={"campaign_id": drip.id})
    assert drip.progress().json["state"] == "exited"


def test_a_campaign_that_is_no_journey_tells_of_its_messages(one_shot: Campaign) -> None:
    batch = one_shot.enter(NINE)
    assert one_shot.progress().json["state"] == "not_entered"
    one_shot.end(batch, "sent", NINE)
    answer = one_shot.progress()
    assert answer.json["state"] == "finished"
    assert [(step["step"], step["outcome"]) for step in steps_of(answer)] == [("1", "sent")]


def test_another_organisation_sees_no_progress(drip: Campaign) -> None:
    drip.end(drip.enter(NINE), "sent", NINE)
    assert drip.progress(user=STRANGER, org=GLOBEX).status == 404


def test_a_campaign_or_contact_that_is_not_there_has_none(drip: Campaign, call: Any) -> None:
    nowhere = "01J00000000000000000000000"
    assert drip.progress(path={"campaign_id": nowhere, "contact_id": drip.contact}).status == 404
    assert drip.progress(path={"campaign_id": drip.id, "contact_id": nowhere}).status == 404
    theirs = call("contacts", "create_contact", body={"email": "x@example.com"}, user=STRANGER, org=GLOBEX).json["id"]
    assert drip.progress(path={"campaign_id": drip.id, "contact_id": theirs}).status == 404
