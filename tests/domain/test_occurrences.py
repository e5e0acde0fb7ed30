"""When a campaign starts: starts in order, the next five, and the latest that is due."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.occurrences import Start, latest_due, next_start, shown_runs, starts_after

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def campaign(**details: Any) -> CampaignDetails:
    return CampaignDetails.model_validate({"name": "Autumn", **details})


def daily(**schedule: Any) -> CampaignDetails:
    return campaign(type="recurring", recurring={"cron": "0 9 * * *"}, schedule=schedule or None)


def test_a_campaign_without_times_starts_by_hand_alone() -> None:
    assert next_start(campaign(), NOW) is None
    assert next_start(campaign(schedule={"endAt": "2027-01-01T00:00:00Z"}), NOW) is None


def test_one_start_is_over_once_it_has_come() -> None:
    once = campaign(schedule={"startAt": "2026-11-22T09:00:00Z"})
    assert list(starts_after(once, NOW)) == [Start(at("2026-11-22T09:00"))]
    assert next_start(once, at("2026-11-22T09:00")) is None


def test_an_occurrence_at_the_very_start_is_the_first_and_one_at_the_very_end_none() -> None:
    some = daily(startAt="2026-11-23T09:00:00Z", endAt="2026-11-25T09:00:00Z")
    assert [start.at for start in starts_after(some, NOW)] == [at("2026-11-23T09:00"), at("2026-11-24T09:00")]


def test_a_start_at_the_recipients_hour_is_where_it_comes_first() -> None:
    once = campaign(schedule={"startAt": "2026-11-23T09:00:00", "timezone": "Europe/Berlin", "recipientTime": True})
    start = next_start(once, NOW)
    assert start == Start(at("2026-11-22T19:00"), datetime(2026, 11, 23, 9))  # noqa: DTZ001 - a wall clock's time
    assert start is not None
    assert start.latest == at("2026-11-23T21:00")


def test_a_start_at_the_recipients_hour_that_came_somewhere_starts_at_once() -> None:
    once = campaign(schedule={"startAt": "2026-11-21T12:00:00Z", "recipientTime": True})
    start = next_start(once, NOW)
    assert start is not None
    assert start.at == NOW


def test_no_occurrence_is_shown_or_run_after_the_end_by_the_campaigns_clock() -> None:
    schedule = {"endAt": "2026-11-24T00:00:00", "timezone": "Europe/Berlin", "recipientTime": True}
    walls = [start.wall for start in starts_after(daily(**schedule), NOW)]
    assert [f"{wall:%d %H}" for wall in walls if wall] == ["22 09", "23 09"]


def test_the_next_five_are_shown_by_the_campaigns_clock_over_its_changes() -> None:
    berlin = daily(timezone="Europe/Berlin", startAt="2027-03-26T00:00:00")
    shown = [run.isoformat() for run in shown_runs(berlin, NOW)]
    assert shown == [
        "2027-03-26T09:00:00+01:00",
        "2027-03-27T09:00:00+01:00",
        "2027-03-28T09:00:00+02:00",
        "2027-03-29T09:00:00+02:00",
        "2027-03-30T09:00:00+02:00",
    ]


def test_a_dates_milestone_looks_once_a_day_at_its_hour() -> None:
    milestone = {"type": "date", "attribute": "birthday", "at": "07:30"}
    born = campaign(type="milestone", milestone=milestone, templateId="t")
    walls = [start.wall for start in islice(starts_after(born, NOW), 3)]
    assert [f"{wall:%d %H:%M}" for wall in walls if wall] == ["22 07:30", "23 07:30", "24 07:30"]


def test_of_those_due_the_latest_is_taken_and_the_others_are_counted() -> None:
    first = Start(at("2026-11-21T09:00"))
    assert latest_due(daily(), first, at("2026-11-21T09:00")) == (first, 0)
    assert latest_due(daily(), first, at("2026-11-24T08:59")) == (Start(at("2026-11-23T09:00")), 2)
    assert latest_due(daily(), first, at("2026-11-24T09:00")) == (Start(at("2026-11-24T09:00")), 3)
