"""Who leaves a journey before its next message."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.audience import StaticMembers
from clarion.domain.campaign_details import Sender
from clarion.domain.engagement import MessageRef, MessageState
from clarion.domain.journey import Goal
from clarion.domain.run import Batch, BatchId, BatchState, Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.services.exits import JourneyExits

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
AT = "2026-11-21T09:00:00.000Z"
RUN_ID = RunId("acme", "k", 2)
STEPS = tuple(RunStep(id=name, contents={"": RunContent(digest="d")}) for name in ("hello", "more", "last"))
PLAN = RunPlan(
    type="drip",
    definition=StaticMembers(type="static", contact_ids=()),
    channel="email",
    steps=STEPS,
    sender=Sender(email="news@shop.example"),
    base=NOW,
    exit_on=("goal", "reply", "unsubscribe"),
)


class MessagesInMemory:
    def __init__(self) -> None:
        self.kept: dict[MessageRef, MessageState] = {}
        self.reads = 0

    def put(self, contact: str, step: str, run: int = 2, campaign: str = "k", **state: Any) -> None:
        self.kept[MessageRef("acme", contact, campaign, run, step, "email")] = MessageState(**state)

    def messages(self, messages: Iterable[MessageRef]) -> dict[MessageRef, MessageState]:
        self.reads += 1
        return {message: self.kept[message] for message in messages if message in self.kept}


@pytest.fixture
def messages() -> MessagesInMemory:
    return MessagesInMemory()


def leaving(messages: MessagesInMemory, *, step: int = 2, contacts: Any = None, **plan: Any) -> dict[str, str]:
    """Who leaves before that step, of Ann and Bob unless told otherwise."""
    documents = contacts or {name: {"id": name, "attributes": {}} for name in ("ann", "bob")}
    run = Run(RUN_ID, RunStatus.RUNNING, NOW, PLAN.model_copy(update=plan))
    batch = Batch(BatchId(RUN_ID, 7, 12, step), BatchState.CLAIMED, tuple(documents), AT)
    return dict(JourneyExits(messages).reasons(run, batch, documents))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"unsubscribed_at": AT}, "unsubscribed"),
        ({"complained_at": AT}, "unsubscribed"),
        ({"replied_at": AT}, "replied"),
        ({"replied_at": AT, "unsubscribed_at": AT}, "unsubscribed"),
    ],
)
def test_an_answer_to_any_earlier_message_ends_the_journey(
    messages: MessagesInMemory, state: dict[str, Any], reason: str
) -> None:
    messages.put("ann", "hello", **state)
    messages.put("ann", "more")
    messages.put("bob", "more")
    assert leaving(messages) == {"ann": reason}


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("open", {"first_open_at": AT}),
        ("click", {"first_click_at": AT}),
        ("conversion", {"conversions": 1}),
    ],
)
def test_whoever_reached_the_goal_leaves(messages: MessagesInMemory, event: Any, state: dict[str, Any]) -> None:
    messages.put("ann", "more", **state)
    messages.put("bob", "more", opens_machine=9, clicks_machine=9)
    assert leaving(messages, goal=Goal(event=event)) == {"ann": "goal_reached"}
    others = {"open", "click", "conversion"} - {event}
    assert [leaving(messages, goal=Goal(event=other)) for other in others] == [{}, {}]


def test_a_goal_that_is_a_filter_is_judged_by_the_contact_as_it_is_now_from_the_first_step_on(
    messages: MessagesInMemory,
) -> None:
    contacts = {name: {"id": name, "attributes": {"plan": plan}} for name, plan in (("ann", "pro"), ("bob", "free"))}
    for step in (0, 1, 2):
        assert leaving(messages, step=step, contacts=contacts, goal=Goal(where={"plan": "pro"})) == {
            "ann": "goal_reached"
        }


def test_what_the_journey_does_not_end_on_ends_nothing(messages: MessagesInMemory) -> None:
    messages.put("ann", "hello", unsubscribed_at=AT, replied_at=AT, first_open_at=AT)
    goal = Goal(event="open")
    assert leaving(messages, goal=goal, exit_on=()) == {}
    assert leaving(messages, goal=goal, exit_on=("reply",)) == {"ann": "replied"}
    assert leaving(messages, goal=goal, exit_on=("goal",)) == {"ann": "goal_reached"}
    assert leaving(messages, goal=None, exit_on=("goal",)) == {}


def test_only_earlier_messages_of_this_way_through_this_journey_count(messages: MessagesInMemory) -> None:
    messages.put("ann", "hello", run=1, replied_at=AT)
    messages.put("ann", "hello", campaign="another", replied_at=AT)
    messages.put("ann", "last", replied_at=AT)
    assert leaving(messages) == {}


def test_the_first_step_reads_no_messages(messages: MessagesInMemory) -> None:
    assert leaving(messages, step=0, goal=Goal(event="open")) == {}
    assert messages.reads == 0


def test_a_campaign_that_is_no_journey_asks_nothing(messages: MessagesInMemory) -> None:
    messages.put("ann", "hello", unsubscribed_at=AT)
    one_shot = {"type": "one-shot", "exit_on": (), "steps": STEPS[:1]}
    assert leaving(messages, step=0, **one_shot) == {}
    assert messages.reads == 0


def test_the_order_of_reasons_is_the_same_for_everybody(messages: MessagesInMemory) -> None:
    everything = replace(MessageState(), unsubscribed_at=AT, replied_at=AT, first_click_at=AT)
    messages.kept[MessageRef("acme", "ann", "k", 2, "hello", "email")] = everything
    goal = Goal(event="click")
    assert leaving(messages, goal=goal) == {"ann": "unsubscribed"}
    assert leaving(messages, goal=goal, exit_on=("goal", "reply")) == {"ann": "replied"}
