"""Who goes on to the next step of a journey, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clarion.clock import moment, stamp
from clarion.domain.audience import StaticMembers
from clarion.domain.campaign_details import Sender
from clarion.domain.run import Batch, BatchId, BatchState, Result, Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.succession import successor_of

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOBODY = StaticMembers(type="static", contact_ids=())
RUN = RunId("o", "c", 1)
GO_ON = ["sent", "unknown", "failed", "render_failed", "skipped.capped", "skipped.outside_window"]
LEAVE = ["rejected", "skipped.suppressed", "skipped.no_consent", "skipped.goal_reached", "skipped.expired"]


def journey(**fields: Any) -> Run:
    content = {"": RunContent(digest="d")}
    steps = (RunStep(id="a", contents=content), RunStep(id="b", contents=content, delay=timedelta(days=3)))
    fixed: dict[str, Any] = {"type": "drip", "sender": Sender(email="n@shop.example"), "base": NOON, **fields}
    return Run(RUN, RunStatus.RUNNING, NOON, RunPlan(definition=NOBODY, channel="email", steps=steps, **fixed))


def done(*codes: str, step: int = 0) -> Batch:
    results = {i: Result(code) for i, code in enumerate(codes)}
    contacts = tuple(f"x{i}" for i in range(len(codes)))
    batch_id = BatchId(RUN, 7, 12, step)
    return Batch(batch_id, BatchState.DONE, contacts, stamp(NOON), zone="Asia/Tokyo", key="0001", results=results)


def test_the_next_step_comes_its_delay_after_this_one_in_the_same_zone_and_place() -> None:
    after = successor_of(journey(), done("sent"), NOON + timedelta(hours=1))
    assert after is not None
    assert (after.id, after.zone, after.key, after.state) == (
        BatchId(RUN, 7, 12, 1),
        "Asia/Tokyo",
        "0001",
        BatchState.PLANNED,
    )
    assert moment(after.due_at) == moment(after.lease_until) == NOON + timedelta(days=3, hours=1)
    assert moment(after.look_at) >= moment(after.due_at)


def test_a_mishap_or_a_rule_ends_no_journey_but_leaving_it_does() -> None:
    after = successor_of(journey(), done(*GO_ON, *LEAVE), NOON)
    assert after is not None
    assert after.contacts == tuple(f"x{i}" for i in range(len(GO_ON)))
    assert successor_of(journey(), done(*LEAVE), NOON) is None


def test_after_the_last_step_and_outside_of_journeys_there_is_none() -> None:
    assert successor_of(journey(), done("sent", step=1), NOON) is None
    assert successor_of(journey(type="one-shot"), done("sent"), NOON) is None


def test_a_step_that_would_come_at_the_end_or_later_is_not_planned() -> None:
    assert successor_of(journey(end_at=NOON + timedelta(days=3)), done("sent"), NOON) is None
    assert successor_of(journey(end_at=NOON + timedelta(days=3, seconds=1)), done("sent"), NOON) is not None


def test_a_batch_that_was_retried_takes_nobody_on_again() -> None:
    assert successor_of(journey(), replace(done("sent"), reopened=1), NOON) is None
