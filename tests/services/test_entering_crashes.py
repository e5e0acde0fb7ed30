"""A worker that lets contacts in dies before or after any of its writes: nobody is lost and nobody enters twice."""

from typing import Any

import pytest

from clarion.domain.entry import Candidates, Change
from tests.fakes.delivery import ORG
from tests.fakes.journeys import STEPS, Journey
from tests.fakes.world import Killed

WRITES = range(1, 12)


def enter(journey: Journey, contacts: list[str], kill_at: int, *, after: bool) -> bool:
    """The message is handled by a worker that is killed at a write, and then comes again; False where none was."""
    candidates = Candidates(ORG, tuple(Change(each) for each in contacts))
    journey.table.calls, journey.table.kill_at, journey.table.after = 0, kill_at, after
    try:
        journey.door.enter(candidates)
    except Killed:
        killed = True
    else:
        killed = False
    journey.table.kill_at = None
    journey.door.enter(candidates)
    journey.recover()
    return killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kill_at", WRITES)
def test_newcomers_get_their_message_once(kill_at: int, after: bool) -> None:
    journey = Journey()
    journey.drip()
    people = journey.people(12)
    killed = enter(journey, people, kill_at, after=after)
    assert killed or kill_at > 2
    assert journey.entered() == {each: ["0001"] for each in people}
    assert set(journey.sent().values()) == {1}
    assert journey.outcomes() == {"sent": 12}
    assert journey.crashes == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kill_at", WRITES)
def test_those_who_enter_again_get_their_message_once_more(kill_at: int, after: bool) -> None:
    journey = Journey()
    people = journey.people(6)
    journey.drip(steps=STEPS[:1], reentry={"after": "P1D"})
    journey.clock.go_on(days=1)
    killed = enter(journey, people, kill_at, after=after)
    assert killed or kill_at > 2
    assert journey.entered() == {each: ["0001", "0002"] for each in people}
    assert set(journey.sent().values()) == {2}
    assert journey.campaign().live == (1, 2)


@pytest.mark.parametrize("seed", range(8))
def test_the_launchs_planners_and_the_newcomers_workers_in_any_order(seed: int) -> None:
    journey = Journey()
    people = journey.people(40)
    journey.launch(type="drip", templateId=None, steps=STEPS)
    journey.shuffle(seed)
    rest: list[Any] = [people[n : n + 7] for n in range(0, 40, 7)]
    while rest or journey.queue.waiting:
        if rest:
            journey.door.enter(Candidates(ORG, tuple(Change(each) for each in rest.pop())))
        journey.shuffle(seed)
        for _ in range(1 + seed):
            journey.step()
    journey.work()
    assert set(journey.sent().values()) == {1}
    assert journey.outcomes() == {"sent": 40}
    journey.days(3)
    assert set(journey.sent().values()) == {2}
    assert journey.crashes == 0
