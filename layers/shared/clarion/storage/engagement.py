"""Events, message states and counters.

event    pk ``ORG#<org>#CONTACT#<contact>``   sk ``EVENT#<time>#<id>``
message  pk ``ORG#<org>#CONTACT#<contact>``   sk ``MSG#<campaign>#<run>#<step>#<channel>``
counters pk ``ORG#<org>#CAMPAIGN#<campaign>`` sk ``STAT#DAY#<date>#<suffix>``
                                              sk ``STAT#LINK#<run>#<step>#<link>#<suffix>``
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from clarion import keys
from clarion.domain.counting import Outcome
from clarion.domain.engagement import (
    CampaignDay,
    CampaignLink,
    CounterRow,
    Event,
    Increments,
    Kind,
    Malformed,
    MessageRef,
    MessageState,
    Overtaken,
    Suppression,
)
from clarion.domain.run import UNKNOWN
from clarion.domain.suppression import outranks
from clarion.domain.verdict import Click, Verdict
from clarion.storage.suppressions import put_suppression, suppression_of
from clarion.storage.table import ConditionFailed, Item, Key, Table, from_wire, update

TRANSACTION_LIMIT = 100  # actions a transaction takes (DynamoDB quota page)

_SPECIAL = ("version", "applied", "unknown", "clicks", "links")
_PLAIN = [field.name for field in fields(MessageState) if field.name not in _SPECIAL]


class EngagementTable:
    """What the aggregator reads and writes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def event_of(self, record: Mapping[str, Any]) -> Event | None:
        """The event of a stream record; None for a record of anything but a new event. Raises Malformed."""
        if record.get("eventName") != "INSERT":
            return None
        try:
            image = from_wire(record["dynamodb"]["NewImage"])
            return event_from_item(image) if image["sk"].startswith("EVENT#") else None
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
            raise Malformed("no item in DynamoDB's form") from None

    def messages(self, messages: Iterable[MessageRef]) -> dict[MessageRef, MessageState]:
        """The states of those messages that exist."""
        items = self._table.batch_get([keys.message(*message) for message in messages])
        return {message_ref(item["pk"], item["sk"]): state_from_item(item) for item in items}

    def settled(self, events: Iterable[Event]) -> set[tuple[str, str, str]]:
        """(organisation, contact, sk) of those events whose items are marked as counted, or gone."""
        asked = {(event.org, event.contact, event.sk): event for event in events}
        found = self._table.batch_get([_event_key(event) for event in asked.values()])
        open_ = {(item["pk"], item["sk"]) for item in found if not item.get("counted")}
        return {ref for ref in asked if (keys.person_pk(ref[0], ref[1]), ref[2]) not in open_}

    def standing(self, suppressions: Iterable[Suppression]) -> dict[Suppression, Suppression]:
        """Those that are to be kept, each with what is to give way to it. Not those whose address is on the list for
        a reason that stays, or was taken off it after what they tell: an event that comes to be counted late must not
        undo that."""
        wanted = {each: _id(keys.suppression(each.org, each.channel, each.address)) for each in suppressions}
        items = self._table.batch_get([{"pk": pk, "sk": sk} for pk, sk in set(wanted.values())])
        listed = {(item["pk"], item["sk"]): item for item in items}
        removed = self._removed_since(wanted)
        return {
            each: replace(each, over=suppression_of(listed[key])) if key in listed else each
            for each, key in wanted.items()
            if each.at >= removed.get(key, "") and (key not in listed or outranks(each.reason, listed[key]["reason"]))
        }

    def _removed_since(self, suppressions: Mapping[Suppression, tuple[str, str]]) -> dict[tuple[str, str], str]:
        """When addresses were taken off the lists last, by the keys they have there, since the earliest of these."""
        earliest: dict[tuple[str, str], str] = {}
        for each in suppressions:
            place = (each.org, each.channel)
            earliest[place] = min(each.at, earliest.get(place, each.at))
        removed = {}
        for (org, channel), at in earliest.items():
            first, last = keys.suppression_removals_since(at)
            for item in self._table.query_between(keys.suppressions_pk(org, channel), first, last):
                _, when, address = item["sk"].split("#", 2)
                removed[_id(keys.suppression(org, channel, address))] = when
        return removed

    def draft(self) -> "Draft":
        """An empty transaction."""
        return Draft(self._table)


class Draft:
    """One transaction in the making: whole messages with everything that they count."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._writes: dict[tuple[str, str], dict[str, Any]] = {}
        self._suppressions: dict[tuple[str, str], Suppression] = {}
        self._counters: dict[tuple[str, str], dict[str, Decimal]] = {}

    def take_message(self, message: MessageRef, before: MessageState, outcome: Outcome) -> bool:
        """Add a message's new state, its counters and marks; False, adding nothing, where they do not fit."""
        writes = {_id(keys.message(*message)): _message_update(message, before, outcome.state)}
        writes |= {_id(_event_key(event)): _mark(event) for event in outcome.marked}
        return self._take(writes, outcome.increments, message.contact, outcome.suppression)

    def take_unattributed(self, event: Event, increments: Increments) -> bool:
        """Add an event that no message earned, likewise."""
        return self._take({_id(_event_key(event)): _mark(event)}, increments, event.contact)

    def commit(self) -> None:
        """Write all or nothing. Raises Overtaken when something read for it has changed since."""
        counters = [
            update({"pk": pk, "sk": sk}, add=metrics)
            for (pk, sk), amounts in self._counters.items()
            if (metrics := {metric: amount for metric, amount in amounts.items() if amount})
        ]
        suppressions = [put_suppression(_suppression_item(each), each.over) for each in self._suppressions.values()]
        try:
            self._table.transact([*self._writes.values(), *suppressions, *counters])
        except ConditionFailed:
            raise Overtaken from None

    def _take(
        self,
        writes: dict[tuple[str, str], dict[str, Any]],
        increments: Increments,
        contact: str,
        suppression: Suppression | None = None,
    ) -> bool:
        suffix = keys.counter_suffix(contact)
        rows = {_id(_counter_key(row, suffix)): metrics for row, metrics in increments.items()}
        suppressed = {_id(_suppression_key(suppression)): suppression} if suppression else {}
        actions = len(self._writes | writes) + len(self._suppressions | suppressed) + len(self._counters | rows)
        if actions > TRANSACTION_LIMIT:
            return False
        self._writes |= writes
        for address, each in suppressed.items():
            first = self._suppressions.setdefault(address, each)  # two messages may suppress one address
            if outranks(each.reason, first.reason):
                self._suppressions[address] = each
        for key, metrics in rows.items():
            counters = self._counters.setdefault(key, {})
            for metric, amount in metrics.items():
                counters[metric] = counters.get(metric, Decimal(0)) + amount
        return True


def event_from_item(item: Mapping[str, Any]) -> Event:
    """An event from its item, plain values. Raises Malformed, KeyError, TypeError or ValueError on a broken one."""
    org, contact = _person(item["pk"])
    link, value = item.get("link"), item.get("value")
    for name in ("msg", "ua", "method", "source", "currency", "bounce_type"):
        if not isinstance(item.get(name, ""), str):
            raise Malformed(name)
    if link is not None and (not isinstance(link, Decimal) or link != int(link)):
        raise Malformed("link")
    if value is not None and not isinstance(value, Decimal):
        raise Malformed("value")
    return Event(
        org=org,
        contact=contact,
        sk=item["sk"],
        kind=Kind(item["kind"]),
        at=item["at"],
        message=message_ref(item["pk"], item["msg"]) if "msg" in item else None,
        source=item.get("source", ""),
        link=None if link is None else int(link),
        user_agent=item.get("ua", ""),
        method=item.get("method", "GET"),
        bounce_type=item.get("bounce_type"),
        value=value,
        currency=item.get("currency"),
        counted=bool(item.get("counted")),
    )


def message_ref(pk: str, sk: str) -> MessageRef:
    """The message that a message item's key names. Raises Malformed."""
    org, contact = _person(pk)
    try:
        word, campaign, run, step, channel = sk.split("#")
        number = int(run)
    except ValueError:
        raise Malformed("msg") from None
    if word != "MSG" or keys.message_sk(campaign, number, step, channel) != sk:
        raise Malformed("msg")
    return MessageRef(org, contact, campaign, number, step, channel)


def _person(pk: str) -> tuple[str, str]:
    word, org, kind, contact = pk.split("#")
    if (word, kind) != ("ORG", "CONTACT"):
        raise Malformed("pk")
    return org, contact


def state_from_item(item: Item) -> MessageState:
    """The engagement part of a message item."""
    plain: dict[str, Any] = {name: item[name] for name in _PLAIN if name in item}
    plain = {name: int(value) if isinstance(value, Decimal) else value for name, value in plain.items()}
    return MessageState(
        version=int(item.get("version", 0)),
        applied=frozenset(item.get("applied", ())),
        unknown=item.get("state") == UNKNOWN,
        clicks=tuple(_clicks_from_texts(item.get("clicks", ()))),
        links={int(link): int(count) for link, count in item.get("links", {}).items()},
        **plain,
    )


def _clicks_from_texts(texts: Sequence[str]) -> Iterator[Click]:
    """``2026-11-21T09:00:00.000Z 3 human``"""
    for text in texts:
        at, link, verdict = text.split(" ")
        yield Click(at, int(link), Verdict(verdict))


def _message_update(message: MessageRef, before: MessageState, after: MessageState) -> dict[str, Any]:
    changed = {name: getattr(after, name) for name in _PLAIN if getattr(after, name) != getattr(before, name)}
    attributes: dict[str, Any] = {name: value for name, value in changed.items() if value is not None}
    if after.clicks != before.clicks:
        attributes["clicks"] = [f"{click.at} {click.link} {click.verdict}" for click in after.clicks]
    if after.links != before.links:
        attributes["links"] = {str(link): count for link, count in after.links.items()}
    fresh = set(after.applied - before.applied)
    condition, values = "attribute_exists(pk) AND attribute_not_exists(version)", {}
    if before.version:
        condition, values = "version = :read", {":read": before.version}
    return update(
        keys.message(*message),
        set={**attributes, "version": before.version + 1},
        add={"applied": fresh} if fresh else {},
        remove=[name for name, value in changed.items() if value is None],
        condition=condition,
        values=values,
    )


def _mark(event: Event) -> dict[str, Any]:
    condition = "attribute_exists(pk) AND attribute_not_exists(counted)"
    return update(_event_key(event), set={"counted": True}, condition=condition)


def _suppression_item(suppression: Suppression) -> Item:
    return {
        **_suppression_key(suppression),
        "address": suppression.address,
        "channel": suppression.channel,
        "reason": suppression.reason,
        "source": suppression.source,
        "campaign": suppression.campaign,
        "contact": suppression.contact,
        "created_at": suppression.at,
    }


def _suppression_key(suppression: Suppression) -> keys.Key:
    return keys.suppression(suppression.org, suppression.channel, suppression.address)


def _event_key(event: Event) -> keys.Key:
    return {"pk": keys.person_pk(event.org, event.contact), "sk": event.sk}


def _counter_key(row: CounterRow, suffix: int) -> keys.Key:
    if isinstance(row, CampaignDay):
        return keys.day_counters(row.org, row.campaign, row.date, suffix)
    if isinstance(row, CampaignLink):
        return keys.link_counters(row.org, row.campaign, row.run, row.step, row.link, suffix)
    return keys.organisation_day_counters(row.org, row.date, suffix)


def _id(key: Key) -> tuple[str, str]:
    return key["pk"], key["sk"]
