"""Everybody at their own hour: each zone when its clocks say so, and whoever has no zone with the fallback."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.run import ZoneProgress
from clarion.domain.sending_rules import SendingRules
from tests.services.timeline import Timeline, few_shards


@pytest.fixture(autouse=True)
def _few_shards() -> Iterator[None]:
    with few_shards():
        yield


ZONES = ("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Riga", "America/New_York", "Etc/GMT+12")
NINE = {"startAt": "2026-11-23T09:00:00", "timezone": "Europe/Berlin", "recipientTime": True}


def scheduled(start: str, schedule: dict[str, Any] | None = None, **details: Any) -> Timeline:
    """A timeline with one contact in each zone, two without a usable one, and a campaign to them all."""
    timeline = Timeline(start)
    for zone in ZONES:
        timeline.people(1, timezone=zone)
    timeline.people(1)
    timeline.people(1, timezone="Mars/Olympus")
    timeline.create(schedule=NINE | (schedule or {}), **details)
    return timeline


def zones(timeline: Timeline) -> dict[str, ZoneProgress]:
    """Progress of the zones, the rows of their shards added up."""
    found = dict[str, ZoneProgress]()
    for row in timeline.runs.zones(timeline.run_id):
        seen = found.get(row.zone, ZoneProgress(row.zone, row.due_at))
        assert seen.due_at == row.due_at
        audience, fallback = seen.audience + row.audience, seen.fallback + row.fallback
        found[row.zone] = ZoneProgress(
            row.zone, row.due_at, audience, fallback, seen.done + row.done, seen.sent + row.sent
        )
    return found


def arrivals(timeline: Timeline) -> dict[str, list[str]]:
    """When the contact of each zone got its messages; ``None`` and the unknown zone by their names."""
    found = defaultdict[str, list[str]](list)
    for letter in timeline.letters:
        zone = timeline.contacts.all[letter.contact].get("timezone")
        found[str(zone)].append(f"{letter.at:%Y-%m-%dT%H:%M}")
    return {zone: sorted(times) for zone, times in found.items()}


NINE_THERE = {
    "Pacific/Kiritimati": ["2026-11-22T19:00"],
    "Asia/Tokyo": ["2026-11-23T00:00"],
    "Europe/Riga": ["2026-11-23T07:00"],
    "None": ["2026-11-23T08:00"],
    "Mars/Olympus": ["2026-11-23T08:00"],
    "America/New_York": ["2026-11-23T14:00"],
    "Etc/GMT+12": ["2026-11-23T21:00"],
}


def test_each_zone_is_served_at_its_own_hour_and_whoever_has_none_at_the_campaigns() -> None:
    timeline = scheduled("2026-11-21T09:00:00Z")
    timeline.until("2026-11-24T00:00:00Z")
    assert arrivals(timeline) == NINE_THERE
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_the_fallback_is_counted_and_the_zones_add_up_to_the_audience() -> None:
    timeline = scheduled("2026-11-21T09:00:00Z")
    timeline.until("2026-11-23T12:00:00Z")
    rows = zones(timeline)
    assert set(rows) == {*ZONES, "Europe/Berlin"}
    assert (rows["Europe/Berlin"].audience, rows["Europe/Berlin"].fallback, rows["Europe/Berlin"].sent) == (2, 2, 2)
    assert {zone for zone, row in rows.items() if row.done < row.audience} == {"America/New_York", "Etc/GMT+12"}
    timeline.until("2026-11-24T00:00:00Z")
    rows = zones(timeline)
    assert sum(row.audience for row in rows.values()) == timeline.progress().audience == 7
    assert all(row.audience == row.done == row.sent for row in rows.values())
    assert sum(row.fallback for row in rows.values()) == 2


def test_zones_that_have_passed_are_served_at_once() -> None:
    timeline = scheduled("2026-11-23T07:30:00Z")
    timeline.until("2026-11-24T00:00:00Z")
    passed = {zone: ["2026-11-23T07:30"] for zone in ("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Riga")}
    assert arrivals(timeline) == NINE_THERE | passed
    timeline.check()


def test_zones_that_have_passed_are_left_out_and_counted_where_the_campaign_says_so() -> None:
    timeline = scheduled("2026-11-23T07:30:00Z", {"pastZones": "skip"})
    timeline.until("2026-11-24T00:00:00Z")
    assert set(arrivals(timeline)) == {"None", "Mars/Olympus", "America/New_York", "Etc/GMT+12"}
    assert timeline.progress().outcomes == {"sent": 4, "skipped.expired": 3}
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_zones_that_passed_while_no_tick_came_follow_the_same_rule() -> None:
    for rule, served in (("send", 7), ("skip", 4)):
        timeline = scheduled("2026-11-21T09:00:00Z", {"pastZones": rule})
        timeline.clock.time += timedelta(days=1, hours=22, minutes=30)
        timeline.until("2026-11-24T00:00:00Z")
        assert len(timeline.letters) == served
        timeline.check()


def test_the_first_zones_are_not_called_late_by_a_tick_of_the_next_minute() -> None:
    timeline = scheduled("2026-11-21T09:00:00Z", {"pastZones": "skip"})
    timeline.clock.time += timedelta(days=1, hours=10, minutes=2)
    timeline.until("2026-11-24T00:00:00Z")
    assert timeline.progress().outcomes == {"sent": 7}


def test_every_occurrence_of_a_recurring_campaign_comes_at_each_ones_own_hour() -> None:
    schedule = {"startAt": "2026-11-23T00:00:00", "endAt": "2026-11-29T00:00:00"}
    timeline = scheduled("2026-11-20T09:00:00Z", schedule, type="recurring", recurring={"cron": "0 9 * * *"})
    assert timeline.finish().status == Status.COMPLETED
    found = arrivals(timeline)
    assert found["Pacific/Kiritimati"] == [
        f"2026-11-{day}T19:00" for day in range(22, 28)
    ]  # the 29th's comes after endAt by the campaign's clock
    assert found["Etc/GMT+12"] == [f"2026-11-{day}T21:00" for day in range(23, 29)]
    assert found["None"] == [f"2026-11-{day}T08:00" for day in range(23, 29)]
    assert [timeline.progress(run).outcomes for run in range(1, 7)] == [{"sent": 7}] * 6
    timeline.check()


def test_where_clocks_skip_the_hour_it_comes_when_they_go_on() -> None:
    timeline = scheduled("2027-03-26T09:00:00Z", {"startAt": "2027-03-28T03:30:00"})
    timeline.until("2027-03-29T00:00:00Z")
    found = arrivals(timeline)
    assert found["Europe/Riga"] == ["2027-03-28T01:00"]  # from 03:00 to 04:00
    assert found["None"] == ["2027-03-28T01:30"]


def test_the_organisations_zone_serves_a_campaign_that_names_no_schedule() -> None:
    timeline = Timeline("2026-11-23T12:00:00Z")
    timeline.rules.rules = SendingRules.model_validate(
        {"timezone": "Asia/Tokyo", "quietHours": [{"from": "20:00", "to": "08:00"}]}
    )
    timeline.people(1, timezone="Mars/Olympus")
    timeline.people(1, timezone="Europe/Berlin")
    timeline.create(Status.RUNNING)
    timeline.finish()
    assert arrivals(timeline) == {"Mars/Olympus": ["2026-11-23T23:00"], "Europe/Berlin": ["2026-11-23T12:00"]}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_workers_killed_at_any_write_serve_no_zone_early_twice_or_never(after: bool) -> None:
    for kill_at in range(1, 50, 4):
        timeline = scheduled("2026-11-22T09:00:00Z")
        timeline.table.calls, timeline.table.kill_at, timeline.table.after = 0, kill_at, after
        assert timeline.finish().status in (Status.COMPLETED, Status.COMPLETED_WITH_FAILURES), f"killed at {kill_at}"
        assert sum(timeline.progress().outcomes.values()) == 7, f"killed at {kill_at}"
        assert all(times >= NINE_THERE[zone] for zone, times in arrivals(timeline).items()), f"killed at {kill_at}"
        timeline.check()
