"""Who has come to a journey's entrance: by being a contact (drip), or by reaching its milestone."""

from collections.abc import Iterable

from clarion.clock import stamp
from clarion.domain.engagement import Event, Kind, MessageState
from clarion.domain.entry import Act, Candidates
from clarion.domain.journey import CountMilestone, EventMilestone, LeadStatusMilestone, Milestone
from clarion.domain.run import Run
from clarion.domain.verdict import Verdict

ADVANCING = frozenset({Kind.DELIVERY, Kind.OPEN, Kind.CLICK, Kind.REPLY, Kind.CONVERSION})
_COUNTED = {"opens": Kind.OPEN, "clicks": Kind.CLICK, "purchases": Kind.CONVERSION}


def act_of(event: Event) -> Act | None:
    """What an event may let its contact into; None for a machine's hit and for what no journey waits for.

    A hit that says nothing against itself may still be part of a scanner's burst: only its message knows.
    """
    if event.kind not in ADVANCING:
        return None
    if event.kind in (Kind.OPEN, Kind.CLICK) and event.judged().verdict is Verdict.MACHINE:
        return None
    return Act(event.contact, event.kind, event.message.campaign if event.message else "")


def arrivals(run: Run, candidates: Candidates) -> set[str]:
    """The contacts to be looked at more closely.

    For a drip everybody who was added or changed, and whoever acts where one may enter again.
    """
    changed = {change.contact for change in candidates.changes}
    match run.plan.milestone:
        case None:
            return changed | {act.contact for act in candidates.acts} if run.plan.reentry else changed
        case LeadStatusMilestone(status=status):
            return {change.contact for change in candidates.changes if change.lead_status == status}
        case EventMilestone(event=kind, campaign_id=campaign):
            acts = [act for act in candidates.acts if act.kind == kind]
            return {act.contact for act in acts if campaign in (None, act.campaign)}
        case CountMilestone(of=what):
            return {act.contact for act in candidates.acts if act.kind == _COUNTED[what]}
    return set()  # a date is no event: planning looks for the contacts whose day has come


def needs_messages(milestone: Milestone | None) -> bool:
    """Whether a contact's messages must tell that the milestone is reached: they know people from machines."""
    match milestone:
        case EventMilestone(event=kind):
            return kind in ("open", "click")
        case CountMilestone(of=what):
            return what != "purchases"
    return False


def reached(run: Run, messages: Iterable[MessageState]) -> bool:
    """Whether a contact's messages show the milestone reached: an event by a person's act since the launch, a count
    by all people's acts ever counted."""
    match run.plan.milestone:
        case EventMilestone(event="open"):
            return any((message.last_open_at or "") >= stamp(run.started_at) for message in messages)
        case EventMilestone(event="click"):
            return any((message.last_click_at or "") >= stamp(run.started_at) for message in messages)
        case CountMilestone(of="opens", reaches=number):
            return sum(message.opens_human + message.opens_unsure for message in messages) >= number
        case CountMilestone(of="clicks", reaches=number):
            return sum(message.clicks_human + message.clicks_unsure for message in messages) >= number
    return True
