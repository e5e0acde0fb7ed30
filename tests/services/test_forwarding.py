"""From the table's stream to the entrances of journeys."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from clarion import keys
from clarion.domain.entry import Candidates
from clarion.domain.run import RunId
from clarion.services.forwarding import MOST_CONTACTS, EntryForwarder
from clarion.storage.candidates import CandidateReader
from clarion.storage.table import to_wire

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
AT = "2026-11-21T09:00:00.000Z"


class EntrancesInMemory:
    """Acme has a journey; whoever is ``broken`` cannot be asked."""

    def __init__(self) -> None:
        self.of = {"acme": [RunId("acme", "drip", 1)]}
        self.asked: list[str] = []
        self.broken: set[str] = set()

    def entrances(self, org_id: str) -> list[RunId]:
        self.asked.append(org_id)
        if org_id in self.broken:
            raise ConnectionError
        return self.of.get(org_id, [])


class Outbox:
    def __init__(self) -> None:
        self.put_: list[Candidates] = []
        self.refuses = False

    def put(self, candidates: Sequence[Candidates]) -> None:
        if self.refuses:
            raise RuntimeError("SQS refused a message")
        self.put_ += candidates


class World:
    def __init__(self) -> None:
        self.entrances, self.queue, self.number = EntrancesInMemory(), Outbox(), 0
        self.forwarder = EntryForwarder(CandidateReader(), self.entrances, self.queue)

    def record(self, name: str, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        self.number += 1
        images = {"NewImage": to_wire(new), **({"OldImage": to_wire(old)} if old else {})}
        key = to_wire({"pk": new["pk"], "sk": new["sk"]})
        return {"eventName": name, "dynamodb": {"Keys": key, "SequenceNumber": str(self.number), **images}}

    def contact(self, contact: str, before: Any = None, *, org: str = "acme", **attributes: Any) -> dict[str, Any]:
        """A contact that was added, or changed where attributes ``before`` are given."""
        key = keys.contact(org, contact)
        old: dict[str, Any] | None = None if before is None else {**key, "body": body_of(contact, before)}
        return self.record("MODIFY" if old else "INSERT", {**key, "body": body_of(contact, attributes)}, old)

    def event(self, contact: str, kind: str, *, org: str = "acme", **more: Any) -> dict[str, Any]:
        message = keys.message_sk("k1", 1, "1", "email")
        item = {
            **keys.event(org, contact, AT, str(self.number)),
            "kind": kind,
            "at": AT,
            "msg": message,
            "ua": BROWSER,
        }
        extra: dict[str, dict[str, Any]] = {"click": {"link": 0}, "bounce": {"bounce_type": "hard"}}
        return self.record("INSERT", {**item, **extra.get(kind, {}), **more})

    def forwarded(self, *records: dict[str, Any]) -> list[dict[str, Any]]:
        """The queue messages that these records make; all of them are handed on."""
        self.queue.put_ = []
        assert self.forwarder.forward(records) == []
        return [each.message() for each in self.queue.put_]


def body_of(contact: str, attributes: dict[str, Any]) -> str:
    return json.dumps({"id": contact, "attributes": attributes})


@pytest.fixture
def world() -> World:
    return World()


def test_contacts_that_were_added_or_changed_are_handed_on(world: World) -> None:
    [message] = world.forwarded(world.contact("ann"), world.contact("bob", {"plan": "free"}, plan="pro"))
    assert message["org"] == "acme"
    assert sorted(each["id"] for each in message["contacts"]) == ["ann", "bob"]
    assert message["events"] == []


def test_what_stands_beside_a_contact_lets_nobody_in(world: World) -> None:
    assert world.forwarded(world.contact("ann", {"plan": "pro"}, plan="pro")) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"leadStatus": "qualified"}, {"leadStatus": "qualified"}),
        ({}, {"leadStatus": "qualified"}, {"leadStatus": "qualified"}),
        ({"leadStatus": "new"}, {"leadStatus": "qualified"}, {"leadStatus": "qualified"}),
        ({"leadStatus": "qualified"}, {"leadStatus": "qualified", "plan": "pro"}, {}),
        ({"leadStatus": "qualified"}, {}, {}),
        ({}, {"leadStatus": ["qualified"]}, {}),
        ({}, {"leadStatus": "x" * 129}, {}),
    ],
)
def test_a_lead_status_is_told_when_it_is_a_new_one(world: World, before: Any, after: Any, told: Any) -> None:
    [message] = world.forwarded(world.contact("ann", before, **after))
    assert message["contacts"] == [{"id": "ann", **told}]


@pytest.mark.parametrize("kind", ["delivery", "open", "click", "reply"])
def test_what_people_do_is_handed_on_with_its_campaign(world: World, kind: str) -> None:
    [message] = world.forwarded(world.event("ann", kind))
    assert message["events"] == [{"contact": "ann", "kind": kind, "campaign": "k1"}]


def test_a_conversion_that_no_message_earned_has_no_campaign(world: World) -> None:
    [message] = world.forwarded(world.event("ann", "conversion", msg=None, value=5, currency="EUR"))
    assert message["events"] == [{"contact": "ann", "kind": "conversion"}]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("open", {"ua": "Mozilla/5.0"}),
        ("open", {"method": "HEAD"}),
        ("click", {"ua": "Barracuda Sentinel"}),
        ("click", {"ua": ""}),
        ("bounce", {}),
        ("complaint", {}),
        ("unsubscribe", {}),
        ("frown", {}),
    ],
)
def test_machines_and_what_no_journey_waits_for_advance_nothing(world: World, kind: str, more: Any) -> None:
    assert world.forwarded(world.event("ann", kind, **more)) == []


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_only_new_events_and_no_deleted_contacts_are_looked_at(world: World, name: str) -> None:
    counted, deleted = world.event("ann", "click"), world.contact("ann")
    counted["eventName"], deleted["eventName"] = name, "REMOVE"
    assert world.forwarded(counted, deleted) == []
    assert world.entrances.asked == []


def test_other_items_are_passed_over(world: World) -> None:
    item = {**keys.message("acme", "ann", "k", 1, "1", "email"), "state": "claimed"}
    assert world.forwarded(world.record("INSERT", item), {"eventName": "INSERT"}) == []
    assert world.entrances.asked == []


def test_a_contact_or_event_that_cannot_be_read_keeps_nobody_else_out(world: World) -> None:
    broken = world.contact("ann")
    broken["dynamodb"]["NewImage"]["body"] = {"S": "{"}
    empty = world.contact("bob")
    del empty["dynamodb"]["NewImage"]["body"]
    [message] = world.forwarded(broken, empty, world.contact("cid"))
    assert message["contacts"] == [{"id": "cid"}]


def test_an_organisation_without_journeys_costs_one_read_a_batch(world: World) -> None:
    assert world.forwarded(*(world.contact(f"c{n}", org="globex") for n in range(5))) == []
    assert world.entrances.asked == ["globex"]


def test_a_journey_is_seen_from_its_first_moment(world: World) -> None:
    assert world.forwarded(world.contact("ann", org="globex")) == []
    world.entrances.of["globex"] = [RunId("globex", "drip", 1)]
    assert len(world.forwarded(world.contact("ann", org="globex"))) == 1


def test_what_happened_to_a_contact_many_times_is_told_once(world: World) -> None:
    records = [world.event("ann", "open") for _ in range(20)] + [world.contact("ann", {"n": n}) for n in range(20)]
    [message] = world.forwarded(*records)
    assert message["contacts"] == [{"id": "ann"}]
    assert message["events"] == [{"contact": "ann", "kind": "open", "campaign": "k1"}]


def test_each_lead_status_of_a_contact_that_ran_through_several_is_told(world: World) -> None:
    first = world.contact("ann", {}, leadStatus="new")
    [message] = world.forwarded(first, world.contact("ann", {"leadStatus": "new"}, leadStatus="won"))
    assert [each["leadStatus"] for each in message["contacts"]] == ["new", "won"]


def test_a_message_names_forty_contacts_at_most_and_neighbours_share_it(world: World) -> None:
    contacts = [f"c{n}" for n in range(95)]
    messages = world.forwarded(*map(world.contact, contacts), *(world.event(each, "open") for each in contacts))
    named = [[each["id"] for each in message["contacts"]] for message in messages]
    assert [len(part) for part in named] == [MOST_CONTACTS, MOST_CONTACTS, 15]
    assert sorted(each for part in named for each in part) == sorted(contacts)
    assert [[each["contact"] for each in message["events"]] for message in messages] == named
    shards = [keys.contact_shard(each) for part in named for each in part]
    assert shards == sorted(shards)


def test_organisations_are_never_mixed(world: World) -> None:
    world.entrances.of["globex"] = [RunId("globex", "drip", 1)]
    messages = world.forwarded(world.contact("ann"), world.contact("bob", org="globex"))
    assert {message["org"]: [each["id"] for each in message["contacts"]] for message in messages} == {
        "acme": ["ann"],
        "globex": ["bob"],
    }


def test_what_cannot_be_handed_on_comes_again_and_other_organisations_are_served(world: World) -> None:
    world.entrances.of["globex"] = [RunId("globex", "drip", 1)]
    world.entrances.broken = {"acme"}
    records = [world.contact("ann"), world.contact("bob", org="globex"), world.event("ann", "open")]
    assert world.forwarder.forward(records) == ["1", "3"]
    assert [each.org for each in world.queue.put_] == ["globex"]


def test_a_queue_that_refuses_loses_nothing(world: World) -> None:
    world.queue.refuses = True
    assert world.forwarder.forward([world.contact("ann"), world.contact("bob", org="globex")]) == ["1"]


def test_a_message_reads_as_it_was_written(world: World) -> None:
    world.forwarded(world.contact("ann", leadStatus="won"), world.event("bob", "click"))
    [candidates] = world.queue.put_
    assert Candidates.of(json.loads(json.dumps(candidates.message()))) == candidates
