"""Milestones: what lets a contact in, and that it lets in once."""

from datetime import timedelta

import pytest

from clarion import keys
from clarion.clock import stamp
from tests.fakes.delivery import ORG
from tests.fakes.journeys import Journey


@pytest.fixture
def journey() -> Journey:
    return Journey()


def test_a_lead_status_lets_in_whoever_comes_to_it(journey: Journey) -> None:
    journey.milestone({"type": "leadStatus", "status": "qualified"})
    ann, bob = journey.people(2, attributes={"leadStatus": "qualified"})
    journey.changed(bob)
    journey.changed(bob, lead_status="new")
    journey.changed(ann, lead_status="qualified")
    journey.changed(ann, lead_status="qualified")
    assert journey.entered() == {ann: ["0001"]}
    assert journey.sent() == {"p0@example.com": 1}


def test_a_milestone_holds_for_members_of_the_audience_alone(journey: Journey) -> None:
    audience = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"plan": "pro"}}}
    journey.milestone({"type": "leadStatus", "status": "won"}, audience=audience)
    [ann] = journey.people(1, attributes={"plan": "pro"})
    [bob] = journey.people(1, attributes={"plan": "free"})
    journey.changed(ann, bob, lead_status="won")
    assert journey.entered() == {ann: ["0001"]}


@pytest.mark.parametrize("kind", ["delivery", "reply", "conversion"])
def test_the_first_event_of_a_kind_lets_in(journey: Journey, kind: str) -> None:
    journey.milestone({"type": "event", "event": kind, "campaignId": "k1"})
    ann, bob = journey.people(2)
    journey.acted(ann, kind, "k1")
    journey.acted(ann, kind, "k1")
    journey.acted(bob, kind, "k2")
    journey.acted(bob, "open", "k1")
    assert journey.entered() == {ann: ["0001"]}


def test_an_event_milestone_without_a_campaign_takes_those_of_all_of_them(journey: Journey) -> None:
    journey.milestone({"type": "event", "event": "conversion"})
    ann, bob = journey.people(2)
    journey.acted(ann, "conversion", "k1")
    journey.acted(bob, "conversion")
    assert sorted(journey.entered()) == [ann, bob]


@pytest.mark.parametrize("kind", ["open", "click"])
def test_an_open_or_click_counts_when_its_message_says_that_it_was_a_persons(journey: Journey, kind: str) -> None:
    journey.milestone({"type": "event", "event": kind, "campaignId": "k1"})
    ann, bob, cid, dan = journey.people(4)
    now, before = stamp(journey.clock()), stamp(journey.clock() - timedelta(hours=1))
    journey.message(ann, "k1", **{f"last_{kind}_at": now})
    journey.message(bob, "k1", **{f"{kind}s_machine": 3})  # what looked like a person was part of a burst
    journey.message(cid, "k1", **{f"last_{kind}_at": before})  # it was a person before the launch, and no more since
    journey.message(dan, "k2", **{f"last_{kind}_at": now})
    for contact in (ann, bob, cid, dan):
        journey.acted(contact, kind, "k1")
    assert journey.entered() == {ann: ["0001"]}


@pytest.mark.parametrize(("of", "kind"), [("opens", "open"), ("clicks", "click")])
def test_a_count_adds_up_peoples_acts_over_all_campaigns(journey: Journey, of: str, kind: str) -> None:
    journey.milestone({"type": "count", "of": of, "reaches": 5})
    ann, bob = journey.people(2)
    for contact, human in ((ann, 2), (bob, 1)):
        journey.message(contact, "k1", **{f"{of}_human": human, f"{of}_machine": 9})
        journey.message(contact, "k2", **{f"{of}_human": 2, f"{of}_unsure": 1})
    for contact in (ann, bob):
        journey.acted(contact, kind, "k1")
    journey.acted(bob, "delivery", "k1")
    assert journey.entered() == {ann: ["0001"]}


def test_purchases_are_counted_from_the_conversions_themselves(journey: Journey) -> None:
    journey.milestone({"type": "count", "of": "purchases", "reaches": 3})
    ann, bob = journey.people(2)

    def bought(contact: str, number: int) -> None:
        for n in range(number):
            at = stamp(journey.clock() - timedelta(days=n))
            journey.table.put({**keys.event(ORG, contact, at, f"e{n}"), "kind": "conversion", "at": at})
            journey.table.put({**keys.event(ORG, contact, at, f"o{n}"), "kind": "open", "at": at})
        journey.acted(contact, "conversion")

    bought(ann, 3)
    bought(bob, 2)
    assert journey.entered() == {ann: ["0001"]}
