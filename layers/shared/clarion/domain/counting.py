"""Counting events: from a message's state and new events to its next state and what to add to the counters.

Nothing here depends on the order in which events become known: whatever was counted by an earlier guess (a first open
that turns out to be the second, a click that turns out to be part of a scanner's burst) is taken back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from clarion.domain.engagement import (
    REMEMBERED,
    CampaignDay,
    CampaignLink,
    CounterRow,
    Event,
    Increments,
    Kind,
    MessageRef,
    MessageState,
    OrganisationDay,
    Suppression,
    metric_name,
)
from clarion.domain.publishing import PUBLISHING
from clarion.domain.verdict import RULES, Click, Verdict, click_verdicts

# Kinds that count once per message, on the day of the first: attribute of the state, metric.
_ONCE = {
    Kind.DELIVERY: ("delivered_at", "deliveries"),
    Kind.COMPLAINT: ("complained_at", "complaints"),
    Kind.UNSUBSCRIBE: ("unsubscribed_at", "unsubscribes"),
    Kind.REPLY: ("replied_at", "replies"),
}

_HITS = (Kind.OPEN, Kind.CLICK)

_REASONS_OF_UNSUBSCRIBES = {"email": "unsubscribed", "sms": "opt_out"}  # by the channels that can be unsubscribed from

_Rows = defaultdict[CounterRow, Any]  # of Counter[str], whose amounts are int or Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What events did to a message. ``marked`` are events beyond what the message remembers: their own items must be
    marked in the same transaction."""

    state: MessageState
    increments: Increments
    marked: tuple[Event, ...] = ()
    suppression: Suppression | None = None


class _Ledger:
    """Increments of one message, as they come up."""

    def __init__(self, message: MessageRef, variant: str) -> None:
        self._message, self._variant = message, variant
        self._rows: _Rows = defaultdict(Counter)

    def add(self, at: str, metric: str, amount: Any = 1) -> None:
        message = self._message
        row = CampaignDay(message.org, message.campaign, at[:10])
        self._rows[row][metric_name(message.channel, message.step, self._variant, metric)] += amount

    def add_link(self, link: int, metric: str, amount: int) -> None:
        message = self._message
        self._rows[CampaignLink(message.org, message.campaign, message.run, message.step, link)][metric] += amount

    def move(self, metric: str, before: str | None, after: str | None) -> None:
        """Something that counts once per message happened at ``after`` rather than at ``before``."""
        if before:
            self.add(before, metric, -1)
        if after:
            self.add(after, metric)

    def increments(self) -> Increments:
        return _without_zeros(self._rows)


def apply(message: MessageRef, state: MessageState, events: Iterable[Event]) -> Outcome:
    """Count those of the message's events that were not counted yet.

    An event beyond the first ``REMEMBERED`` is counted by itself: a message to one person that is hit so often is under
    automatic fire, so its hits are a machine's; of what is published each hit is judged by itself. The caller leaves
    out those of them that are marked already.
    """
    new = {event.digest: event for event in events if event.digest not in state.applied and not event.counted}
    ordered = sorted(new.values(), key=lambda event: event.sk)
    room = max(REMEMBERED - len(state.applied), 0)
    if not ordered:
        return Outcome(state, {})
    return _count(message, state, ordered[:room], ordered[room:])


def unattributed(events: Iterable[Event]) -> Increments:
    """What conversions that no message earned add to their organisation's days."""
    rows: _Rows = defaultdict(Counter)
    for event in events:
        metrics = rows[OrganisationDay(event.org, event.day)]
        metrics["conversions"] += 1
        metrics[f"revenue.{event.currency}"] += event.value
    return _without_zeros(rows)


def rebuild(
    messages: Mapping[MessageRef, MessageState], events: Iterable[Event]
) -> tuple[dict[MessageRef, MessageState], Increments]:
    """States and counters from the raw events alone; ``messages`` are those that exist (their ``to`` and
    ``variant`` are kept).

    Events of messages that were erased are left out. Events marked ``counted`` were counted by themselves, and are
    again.
    """
    states = {
        message: MessageState(to=state.to, variant=state.variant, unknown=state.unknown)
        for message, state in messages.items()
    }
    totals: _Rows = defaultdict(Counter)

    def add(increments: Increments) -> None:
        for row, metrics in increments.items():
            for metric, amount in metrics.items():
                totals[row][metric] += amount

    everything = sorted(events, key=lambda event: (event.message or (), event.sk))
    for message, group in groupby(everything, key=lambda event: event.message):
        if message is None:
            add(unattributed(group))
        elif message in states:
            own = {event.sk: event for event in group}.values()
            remembered = [event for event in own if not event.counted]
            marked = [event for event in own if event.counted] + remembered[REMEMBERED:]
            outcome = _count(message, states[message], remembered[:REMEMBERED], marked)
            states[message] = outcome.state
            add(outcome.increments)
    return states, _without_zeros(totals)


def _count(message: MessageRef, state: MessageState, remembered: list[Event], marked: list[Event]) -> Outcome:
    ledger = _Ledger(message, state.variant)
    changed: dict[str, Any] = {"applied": state.applied | {event.digest for event in remembered}}
    events = [*remembered, *marked]
    for kind, (attribute, metric) in _ONCE.items():
        times = [event.at for event in events if event.kind is kind]
        if times:
            before = getattr(state, attribute)
            changed[attribute] = min([*times, before] if before else times)
            ledger.move(metric, before, changed[attribute])
    changed |= _bounces(ledger, state, [event for event in events if event.kind is Kind.BOUNCE])
    changed |= _conversions(ledger, state, [event for event in events if event.kind is Kind.CONVERSION])
    public = message.channel in PUBLISHING  # many people may well have hit it
    flood = [(event, event.judged().verdict if public else Verdict.MACHINE) for event in marked if event.kind in _HITS]
    judged = [(event, event.judged().verdict) for event in remembered if event.kind is Kind.OPEN]
    changed |= _opens(ledger, state, judged + [hit for hit in flood if hit[0].kind is Kind.OPEN])
    clicks = tuple(event.click() for event in remembered if event.kind is Kind.CLICK)
    changed |= _clicks(ledger, state, clicks)
    changed |= _flood_of_clicks(ledger, replace(state, **changed), [hit for hit in flood if hit[0].kind is Kind.CLICK])
    if any(event.kind in _HITS for event in events):
        changed["rules"] = RULES
    after = replace(state, **changed)
    return Outcome(after, ledger.increments(), tuple(marked), _suppression(message, state, after, events))


def _bounces(ledger: _Ledger, state: MessageState, events: list[Event]) -> dict[str, Any]:
    """A message bounced once: by its first hard bounce, or where there is none, by its first soft one."""
    bounces = [(event.bounce_type != "hard", event.at, event.bounce_type) for event in events]
    if not bounces:
        return {}
    if state.bounced_at:
        bounces.append((state.bounce_type != "hard", state.bounced_at, state.bounce_type))
        ledger.add(state.bounced_at, f"bounces_{state.bounce_type}", -1)
    _, at, bounce_type = min(bounces)
    ledger.add(at, f"bounces_{bounce_type}")
    return {"bounced_at": at, "bounce_type": bounce_type}


def _conversions(ledger: _Ledger, state: MessageState, events: list[Event]) -> dict[str, Any]:
    if not events:
        return {}
    for event in events:
        ledger.add(event.at, "conversions")
        ledger.add(event.at, f"revenue.{event.currency}", event.value)
    first = _earliest(state.first_conversion_at, [event.at for event in events])
    ledger.move("unique_conversions", state.first_conversion_at, first)
    return {"first_conversion_at": first, "conversions": state.conversions + len(events)}


def _opens(ledger: _Ledger, state: MessageState, judged: list[tuple[Event, Verdict]]) -> dict[str, Any]:
    if not judged:
        return {}
    changed: dict[str, Any] = {}
    for event, verdict in judged:
        ledger.add(event.at, f"opens_{verdict}")
        attribute = f"opens_{verdict}"
        changed[attribute] = changed.get(attribute, getattr(state, attribute)) + 1
    persons = [event.at for event, verdict in judged if verdict is not Verdict.MACHINE]
    if persons:
        changed["first_open_at"] = _earliest(state.first_open_at, persons)
        changed["last_open_at"] = max([state.last_open_at or "", *persons])
        ledger.move("unique_opens", state.first_open_at, changed["first_open_at"])
    return changed


def _clicks(ledger: _Ledger, state: MessageState, new: tuple[Click, ...]) -> dict[str, Any]:
    """A burst can turn clicks that were counted before: take back what all clicks counted, count them all again."""
    if not new:
        return {}
    clicks = tuple(sorted(state.clicks + new))
    counts = _clicks_by_verdict(state)
    for each, sign in ((state.clicks, -1), (clicks, 1)):
        verdicts = click_verdicts(each)
        persons = [click for click, verdict in zip(each, verdicts, strict=True) if verdict is not Verdict.MACHINE]
        links = Counter(click.link for click in persons)
        for click, verdict in zip(each, verdicts, strict=True):
            counts[f"clicks_{verdict}"] += sign
            ledger.add(click.at, f"clicks_{verdict}", sign)
            ledger.add_link(click.link, f"clicks_{verdict}", sign)
        for link in links:
            ledger.add_link(link, "unique_clicks", sign)
        if persons:
            ledger.add(min(click.at for click in persons), "unique_clicks", sign)
    times = [click.at for click in persons]
    reached = {"first_click_at": min(times, default=None), "last_click_at": max(times, default=None)}
    return {**counts, **reached, "clicks": clicks, "links": dict(links)}


def _flood_of_clicks(ledger: _Ledger, state: MessageState, judged: list[tuple[Event, Verdict]]) -> dict[str, Any]:
    """Clicks that the message does not remember; it is full, so what they add is never taken back by a burst."""
    if not judged:
        return {}
    counts, links = _clicks_by_verdict(state), Counter(state.links)
    for event, verdict in judged:
        click = event.click()
        counts[f"clicks_{verdict}"] += 1
        ledger.add(click.at, f"clicks_{verdict}")
        ledger.add_link(click.link, f"clicks_{verdict}", 1)
        if verdict is not Verdict.MACHINE:
            links[click.link] += 1
            if links[click.link] == 1:
                ledger.add_link(click.link, "unique_clicks", 1)
    times = [event.at for event, verdict in judged if verdict is not Verdict.MACHINE]
    if not times:
        return {**counts}
    first = _earliest(state.first_click_at, times)
    ledger.move("unique_clicks", state.first_click_at, first)
    reached = {"first_click_at": first, "last_click_at": max([state.last_click_at or "", *times])}
    return {**counts, **reached, "links": dict(links)}


def _clicks_by_verdict(state: MessageState) -> Counter[str]:
    return Counter({f"clicks_{verdict}": getattr(state, f"clicks_{verdict}") for verdict in Verdict})


def _suppression(
    message: MessageRef, before: MessageState, after: MessageState, events: list[Event]
) -> Suppression | None:
    """What newly forbids the message's address. What the recipient said goes before what a server says.

    Each unsubscribe forbids anew, because the address may have been taken off the list after the one before.
    """
    if not after.to:
        return None
    unsubscribes = [event.at for event in events if event.kind is Kind.UNSUBSCRIBE]
    if after.complained_at and not before.complained_at:
        reason, at, kind = "complaint", after.complained_at, Kind.COMPLAINT
    elif unsubscribes and message.channel in _REASONS_OF_UNSUBSCRIBES:
        reason, at, kind = _REASONS_OF_UNSUBSCRIBES[message.channel], max(unsubscribes), Kind.UNSUBSCRIBE
    elif after.bounced_at and after.bounce_type == "hard" and before.bounce_type != "hard":
        reason, at, kind = "hard_bounce", after.bounced_at, Kind.BOUNCE
    else:
        return None
    source = next(event.source for event in events if event.kind is kind and event.at == at)
    return Suppression(
        message.org, message.channel, after.to, reason, source, message.campaign, message.contact, at
    )  # fmt: skip


def _earliest(known: str | None, times: list[str]) -> str:
    return min([known, *times] if known else times)


def _without_zeros(rows: Mapping[CounterRow, Mapping[str, Any]]) -> Increments:
    kept = {
        row: {metric: Decimal(amount) for metric, amount in metrics.items() if amount} for row, metrics in rows.items()
    }
    return {row: metrics for row, metrics in kept.items() if metrics}
