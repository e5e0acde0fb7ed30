"""Any schedule, zones and rules under any clock and any mishap, over up to two years: the scheduler keeps its promises.

Clocks jump and stand still, ticks are lost and doubled, queue messages are lost, doubled and shuffled, workers die at
any write. What has to hold is said by calendar_truth.py, which shares nothing with the scheduler.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.campaign import Status
from clarion.domain.run import RunId
from clarion.domain.sending_rules import SendingRules
from tests.fakes.delivery import CAMPAIGN, ORG
from tests.services.calendar_truth import DAY, MINUTE, WEEKDAYS, comes_at, inside, walls
from tests.services.timeline import Letter, Timeline, few_shards

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # sets its clocks by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
DONE = (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES)


@pytest.fixture(autouse=True, scope="module")
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


# --- what is drawn

clock_times = st.tuples(st.integers(0, 23), st.sampled_from([0, 1, 30, 59])).map(lambda t: f"{t[0]:02d}:{t[1]:02d}")
sides = st.sampled_from(["recipient", "campaign"])
windows = st.none() | st.fixed_dictionaries(
    {
        "days": st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days))),
        "from": clock_times,
        "to": clock_times,
        "timezone": sides,
        "otherwise": st.sampled_from(["wait", "skip"]),
    }
)
quiet_hours = st.none() | st.fixed_dictionaries({"from": clock_times, "to": clock_times, "timezone": sides}).filter(
    lambda hours: hours["from"] != hours["to"]
)
people = st.lists(
    st.fixed_dictionaries(
        {"timezone": st.sampled_from([*ZONES, None, "Mars/Olympus"]), "broken": st.sampled_from([False, False, True])}
    ),
    max_size=6,
)
expiries = st.sampled_from([None, None, "PT30M", "PT6H", "P2D"])
durations = st.sampled_from([timedelta(0), MINUTE, 7 * MINUTE, timedelta(hours=5), DAY, 6 * DAY, 90 * DAY, 200 * DAY])
mishaps = st.lists(
    st.one_of(
        st.tuples(st.just("jump"), durations),  # no tick comes meanwhile
        st.tuples(st.just("go on"), st.sampled_from([5 * MINUTE, timedelta(hours=20), 2 * DAY])),
        st.tuples(st.just("tick"), st.integers(1, 2)),
        st.tuples(st.just("work"), st.integers(1, 8)),
        st.tuples(st.just("lose"), st.integers(1, 30)),
        st.tuples(st.just("double"), st.integers(0, 1000)),
        st.tuples(st.just("kill before"), st.integers(1, 12)),
        st.tuples(st.just("kill after"), st.integers(1, 12)),
        st.tuples(st.just("kill in call"), st.booleans()),
    ),
    max_size=14,
)
calendars = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(ZONES),
        "hour": st.sampled_from([0, 1, 2, 3, 9, 23]),
        "minute": st.sampled_from([0, 15, 30, 59]),
        "weekdays": st.sampled_from([range(1, 8), range(1, 6), [7], [6, 7]]),
        "recipient_time": st.booleans(),
        "past_zones": st.sampled_from(["send", "skip"]),
        "days": st.integers(1, 730),
        "start": st.sampled_from(["2026-11-21T09:00:00Z", "2027-03-27T20:00:00Z", "2027-10-30T23:30:00Z"]),
        "expire_after": expiries,
        "window": windows,
        "quiet": quiet_hours,
        "people": people,
    }
)
examples = settings(
    max_examples=90,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def populated(drawn: dict[str, Any]) -> Timeline:
    timeline = Timeline(drawn["start"], max_batch=2)
    if drawn["quiet"]:
        timeline.rules.rules = SendingRules.model_validate({"quietHours": [drawn["quiet"]]})
    for person in drawn["people"]:
        timeline.people(1, timezone=person["timezone"], attributes={"broken": person["broken"]})
    return timeline


def befall(timeline: Timeline, mishap: str, size: Any) -> None:
    match mishap:
        case "jump":
            timeline.clock.time += size
        case "go on":
            timeline.until(timeline.clock() + size)
        case "tick":
            for _ in range(size):
                timeline.tick()
        case "work":
            for _ in range(min(size, len(timeline.queue.waiting))):
                timeline.step()
        case "lose":
            for _ in range(min(size, len(timeline.queue.waiting))):
                timeline.queue.waiting.popleft()
        case "double":
            timeline.queue.waiting.extend(list(timeline.queue.waiting)[:20])
            timeline.shuffle(size)
        case "kill in call":
            timeline.post.kill_before_call, timeline.post.kill_after_call = size, not size
            timeline.clock.time = max(timeline.clock(), timeline.next_at() or timeline.clock())
            timeline.tick()
            timeline.settle()
            timeline.post.kill_before_call = timeline.post.kill_after_call = False
        case _:
            timeline.table.kill_at, timeline.table.after = timeline.table.calls + size, mishap == "kill after"


def through(timeline: Timeline, events: list[tuple[str, Any]], end: datetime) -> None:
    """Let everything befall it, then go on in good order from two days before the end until it has ended."""
    for mishap, size in events:
        befall(timeline, mishap, size)
    timeline.table.kill_at = None
    timeline.clock.time = max(timeline.clock(), end - 2 * DAY)
    timeline.tick()
    timeline.settle()
    timeline.finish()


def kept_the_rules(timeline: Timeline, drawn: dict[str, Any], letter: Letter) -> None:
    """Not in quiet hours, and in the window where there is one."""
    named = timeline.contacts.all[letter.contact]["timezone"]
    own = named if named in ZONES else drawn["zone"]
    if quiet := drawn["quiet"]:
        zone = own if quiet["timezone"] == "recipient" else drawn["zone"]
        assert not inside(letter.at, zone, quiet["from"], quiet["to"])
    if window := drawn["window"]:
        zone = own if window["timezone"] == "recipient" else drawn["zone"]
        assert inside(letter.at, zone, window["from"], window["to"], window["days"])


def due_for(timeline: Timeline, drawn: dict[str, Any], contact: str, wall: datetime) -> datetime:
    named = timeline.contacts.all[contact]["timezone"]
    own = drawn["recipient_time"] and named in ZONES
    return comes_at(wall, named if own else drawn["zone"])


def schedule_of(drawn: dict[str, Any], end: datetime) -> dict[str, Any]:
    return {
        "endAt": end.isoformat(),
        "timezone": drawn["zone"],
        "recipientTime": drawn["recipient_time"],
        "pastZones": drawn["past_zones"],
    }


def wait_of(text: str | None) -> timedelta | None:
    return {None: None, "PT30M": 30 * MINUTE, "PT6H": timedelta(hours=6), "P2D": 2 * DAY}[text]


# --- what holds


@examples
@given(drawn=calendars, events=mishaps)
def test_every_occurrence_runs_once_or_is_counted_and_nothing_goes_out_at_a_wrong_time(
    drawn: dict[str, Any], events: list[tuple[str, Any]]
) -> None:
    timeline = populated(drawn)
    created = timeline.clock()
    end = created + drawn["days"] * DAY
    occurrences = walls(drawn, created, end)
    days = ",".join(str(day % 7) for day in drawn["weekdays"])
    cron = f"{drawn['minute']} {drawn['hour']} * * {days if len(drawn['weekdays']) < 7 else '*'}"
    schedule, expire_after = schedule_of(drawn, end), drawn["expire_after"]
    details = {"schedule": schedule, "expireAfter": expire_after, "sendWindow": drawn["window"]}
    if not occurrences:
        with pytest.raises(Exception, match="never run"):
            timeline.create(type="recurring", recurring={"cron": cron}, **details)
        return
    timeline.create(type="recurring", recurring={"cron": cron}, **details)
    through(timeline, events, end)
    campaign = timeline.named()
    assert campaign.status in DONE
    assert campaign.run + campaign.missed == len(occurrences)
    timeline.check()
    latest = None
    for number in range(1, campaign.run + 1):
        run = timeline.runs.get(RunId(ORG, CAMPAIGN, number))
        at = run.plan.wall or run.plan.base.astimezone(ZoneInfo(drawn["zone"])).replace(tzinfo=None)
        wall = max(each for each in occurrences if each <= at)
        assert latest is None or wall > latest, "two runs for one occurrence"
        latest = wall
        progress = timeline.progress(number)
        assert progress.audience == len(drawn["people"])
        assert sum(progress.outcomes.values()) == progress.audience
        for letter in (letter for letter in timeline.letters if letter.run == number):
            due = due_for(timeline, drawn, letter.contact, wall)
            assert due <= letter.at < end
            assert expire_after is None or letter.at <= due + (wait_of(expire_after) or DAY)
            kept_the_rules(timeline, drawn, letter)


@examples
@given(drawn=calendars, events=mishaps, ahead=st.integers(0, 300))
def test_one_start_comes_once_and_reaches_everybody_or_says_why_not(
    drawn: dict[str, Any], events: list[tuple[str, Any]], ahead: int
) -> None:
    timeline = populated(drawn)
    first = date.fromisoformat(drawn["start"][:10]) + (2 + ahead) * DAY
    wall = datetime.combine(first, time(drawn["hour"], drawn["minute"]))
    end = comes_at(wall, drawn["zone"]) + drawn["days"] * DAY
    schedule = schedule_of(drawn, end) | {"startAt": wall.isoformat()}
    timeline.create(schedule=schedule, expireAfter=drawn["expire_after"], sendWindow=drawn["window"])
    through(timeline, events, end)
    campaign = timeline.named()
    if campaign.status == Status.FAILED:
        assert "expired" in str(campaign.status_reason)
        assert timeline.letters == []
        return
    assert campaign.status in DONE
    assert campaign.run == 1
    assert timeline.progress().audience == sum(timeline.progress().outcomes.values()) == len(drawn["people"])
    timeline.check()
    for letter in timeline.letters:
        due = due_for(timeline, drawn, letter.contact, wall)
        assert due <= letter.at < end
        assert drawn["expire_after"] is None or letter.at <= due + (wait_of(drawn["expire_after"]) or DAY)
        kept_the_rules(timeline, drawn, letter)
    if drawn["recipient_time"]:
        zones = timeline.runs.zones(timeline.run_id)
        passed = timeline.progress().audience - sum(zone.audience for zone in zones)
        assert passed <= timeline.progress().outcomes.get("skipped.expired", 0)
        assert all(zone.done == zone.audience for zone in zones)
        assert sum(zone.sent for zone in zones) == timeline.progress().outcomes.get("sent", 0)


@examples
@given(
    drawn=calendars,
    events=mishaps,
    delays=st.lists(st.sampled_from(["PT0S", "PT10M", "PT6H", "P3D", "P60D"]), min_size=1, max_size=4),
)
def test_a_drip_takes_everybody_through_its_steps_in_order_and_ends(
    drawn: dict[str, Any], events: list[tuple[str, Any]], delays: list[str]
) -> None:
    timeline = populated(drawn)
    end = timeline.clock() + drawn["days"] * DAY
    steps = [{"id": f"s{n}", "templateId": "t1", "delay": delay} for n, delay in enumerate(delays)]
    schedule = {"endAt": end.isoformat(), "timezone": drawn["zone"]}
    timeline.create(
        Status.RUNNING, type="drip", templateId=None, steps=steps, schedule=schedule, sendWindow=drawn["window"]
    )
    through(timeline, events, end)
    assert timeline.named().status in DONE
    progress = timeline.progress()
    assert progress.audience == sum(progress.outcomes.values()) >= len(drawn["people"])
    timeline.check()
    waits = [
        {"PT0S": 0 * DAY, "PT10M": 10 * MINUTE, "PT6H": DAY / 4, "P3D": 3 * DAY, "P60D": 60 * DAY}[d] for d in delays
    ]
    for contact in timeline.contacts.all:
        mine = sorted(
            (letter for letter in timeline.letters if letter.contact == contact), key=lambda letter: letter.at
        )
        assert [letter.step for letter in mine] == sorted(letter.step for letter in mine)
        before = datetime.fromisoformat(drawn["start"])
        position = -1
        for letter in mine:
            reached = int(letter.step[1:])
            assert letter.at >= before + sum(waits[position + 1 : reached + 1], timedelta(0))
            assert letter.at < end
            kept_the_rules(timeline, drawn, letter)
            before, position = letter.at, reached
