"""Who leaves a journey before its next message: by reaching the goal, by a reply, by unsubscribing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from clarion.domain.audience import ContactFilter, DynamicFilter, membership
from clarion.domain.engagement import MessageRef, MessageState
from clarion.domain.journey import Goal
from clarion.domain.run import Batch, Run

UNSUBSCRIBED, REPLIED, GOAL_REACHED = "unsubscribed", "replied", "goal_reached"


class Messages(Protocol):
    def messages(self, messages: Iterable[MessageRef]) -> dict[MessageRef, MessageState]:
        """The states of those messages that exist."""


class JourneyExits:
    """Judges by what is counted already; machines' opens and clicks are not among that."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def reasons(self, run: Run, batch: Batch, contacts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Why contacts leave before the batch's step, by id; of ``contacts`` (documents by id), whoever leaves.

        What counts are the earlier messages of this run, that is of this way through the journey, and for a goal
        that is a filter the contact as it is now.
        """
        plan = run.plan
        if not plan.exit_on:
            return {}
        goal = plan.goal if "goal" in plan.exit_on else None
        reached = _reached(goal.where) if goal and goal.where is not None else None
        found = {}
        states = self._earlier(run, batch, contacts)
        for contact_id, contact in contacts.items():
            mine = states.get(contact_id, [])
            if "unsubscribe" in plan.exit_on and any(s.unsubscribed_at or s.complained_at for s in mine):
                found[contact_id] = UNSUBSCRIBED
            elif "reply" in plan.exit_on and any(s.replied_at for s in mine):
                found[contact_id] = REPLIED
            elif (reached and reached(contact)) or any(_happened(goal, state) for state in mine):
                found[contact_id] = GOAL_REACHED
        return found

    def _earlier(self, run: Run, batch: Batch, contact_ids: Iterable[str]) -> dict[str, list[MessageState]]:
        """What became of the earlier messages of this run, by contact."""
        steps = [step.id for step in run.plan.steps[: batch.id.step]]
        asked = [
            MessageRef(run.id.org, contact, run.id.campaign, run.id.run, step, run.channel)
            for contact in contact_ids
            for step in steps
        ]
        found: dict[str, list[MessageState]] = {}
        for message, state in self._messages.messages(asked).items() if asked else ():
            found.setdefault(message.contact, []).append(state)
        return found


def _happened(goal: Goal | None, state: MessageState) -> bool:
    match goal.event if goal else None:
        case "open":
            return state.first_open_at is not None
        case "click":
            return state.first_click_at is not None
        case "conversion":
            return state.conversions > 0
    return False


def _reached(where: dict[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    wanted = ContactFilter(datatype="contact", where=where)
    return membership(DynamicFilter(type="dynamic", filter=wanted))
