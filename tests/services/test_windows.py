"""Send windows, quiet hours and expiry: what may go out when, and what becomes of the rest."""

from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.outcomes import Retry
from clarion.domain.sending_rules import SendingRules
from tests.services.timeline import Timeline

EVENING = "2026-11-23T20:00:00Z"  # a Monday
OFFICE = {"from": "09:00", "to": "17:00", "days": ["mon", "tue", "wed", "thu", "fri"]}


def quiet(**hours: Any) -> SendingRules:
    return SendingRules.model_validate({"quietHours": [hours]})


def launched(start: str, rules: SendingRules | None = None, **details: Any) -> Timeline:
    """A campaign launched at ``start`` to three contacts: in no zone, in Tokyo and in New York."""
    timeline = Timeline(start)
    timeline.rules.rules = rules or SendingRules()
    timeline.people(1)
    timeline.people(1, timezone="Asia/Tokyo")
    timeline.people(1, timezone="America/New_York")
    timeline.create(Status.RUNNING, **details)
    return timeline


def test_a_closed_window_is_waited_for_in_each_recipients_zone() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE)
    timeline.finish()
    assert timeline.times() == ["2026-11-23T20:00", "2026-11-24T00:00", "2026-11-24T09:00"]
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_a_window_by_the_campaigns_clock_opens_for_all_at_once() -> None:
    schedule = {"timezone": "Europe/Berlin"}
    timeline = launched(EVENING, sendWindow=OFFICE | {"timezone": "campaign"}, schedule=schedule)
    timeline.finish()
    assert timeline.times() == ["2026-11-24T08:00"]


def test_a_weekend_is_waited_out() -> None:
    timeline = launched("2026-11-28T12:00:00Z", sendWindow=OFFICE)
    timeline.finish()
    assert timeline.times() == ["2026-11-30T00:00", "2026-11-30T09:00", "2026-11-30T14:00"]


def test_what_is_outside_a_strict_window_is_skipped_and_counted() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE | {"otherwise": "skip"})
    timeline.finish()
    assert timeline.times() == ["2026-11-23T20:00"]
    assert timeline.progress().outcomes == {"sent": 1, "skipped.outside_window": 2}
    assert timeline.named().status == Status.COMPLETED
    timeline.check()


def test_quiet_hours_over_midnight_keep_everybody_in_them_waiting() -> None:
    timeline = launched(EVENING, quiet(**{"from": "20:00", "to": "07:30"}))
    timeline.finish()
    assert timeline.times() == ["2026-11-23T20:00", "2026-11-23T22:30", "2026-11-24T07:30"]
    timeline.check()


def test_quiet_hours_of_the_campaigns_zone_and_of_other_channels() -> None:
    timeline = launched(EVENING, quiet(**{"from": "20:00", "to": "07:30", "timezone": "campaign"}))
    timeline.finish()
    assert timeline.times() == ["2026-11-24T07:30"]
    unasked = launched(EVENING, quiet(**{"from": "20:00", "to": "07:30", "channels": ["sms"]}))
    unasked.finish()
    assert unasked.times() == ["2026-11-23T20:00"]


def test_quiet_hours_delay_even_a_strict_window_that_is_open() -> None:
    window = {"from": "06:00", "to": "22:00", "otherwise": "skip", "timezone": "campaign"}
    timeline = launched(
        "2026-11-23T06:30:00Z", quiet(**{"from": "20:00", "to": "07:30", "timezone": "campaign"}), sendWindow=window
    )
    timeline.finish()
    assert timeline.times() == ["2026-11-23T07:30"]


def test_quiet_hours_that_are_set_while_a_message_waits_are_kept() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE | {"timezone": "campaign"})
    timeline.settle()
    timeline.rules.rules = quiet(**{"from": "20:00", "to": "10:15", "timezone": "campaign"})
    timeline.finish()
    assert timeline.times() == ["2026-11-24T10:15"]


def test_an_opening_after_the_end_comes_too_late() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE, schedule={"endAt": "2026-11-24T09:00:00Z"})
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 2, "skipped.outside_window": 1}
    assert timeline.times() == ["2026-11-23T20:00", "2026-11-24T00:00"]


def test_an_opening_after_the_expiry_comes_too_late() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE, expireAfter="PT4H")
    timeline.finish()
    assert timeline.progress().outcomes == {"sent": 2, "skipped.outside_window": 1}


def test_rules_that_leave_no_opening_keep_nobody_waiting() -> None:
    rules = quiet(**{"from": "17:00", "to": "09:00"})
    timeline = launched(EVENING, rules, sendWindow={"from": "20:00", "to": "21:00"})
    timeline.finish()
    assert timeline.progress().outcomes == {"skipped.outside_window": 3}


def test_what_the_vendor_postpones_past_the_closing_waits_for_the_next_opening() -> None:
    timeline = launched("2026-11-23T16:55:00Z", sendWindow=OFFICE | {"timezone": "campaign"})
    timeline.vendor.answers = {"p0@example.com": [Retry(600.0, "busy")]}
    timeline.finish()
    assert timeline.times() == ["2026-11-23T16:55", "2026-11-24T09:00"]
    timeline.check()


def test_a_start_that_comes_too_late_fails_and_says_so() -> None:
    timeline = Timeline("2026-11-23T09:00:00Z")
    timeline.people(2)
    timeline.create(schedule={"startAt": "2026-11-23T10:00:00Z"}, expireAfter="PT1H")
    timeline.clock.go_on(hours=2, minutes=1)
    assert timeline.tick()["expired"] == 1
    assert timeline.named().status == Status.FAILED
    assert timeline.named().status_reason == "it was due at 2026-11-23 10:00 UTC and expired"
    timeline.until("2026-11-25T09:00:00Z")
    assert timeline.letters == []


def test_a_start_that_no_tick_saw_before_the_end_fails_and_says_so() -> None:
    timeline = Timeline("2026-11-23T09:00:00Z")
    timeline.people(2)
    timeline.create(schedule={"startAt": "2026-11-23T10:00:00Z", "endAt": "2026-11-23T12:00:00Z"})
    timeline.clock.go_on(hours=3)
    assert timeline.tick()["expired"] == 1
    assert timeline.named().status_reason == "it was due at 2026-11-23 10:00 UTC and expired"
    timeline.minutes(2)
    assert timeline.letters == []


@pytest.mark.parametrize("expire_after", [None, "PT1H"])
def test_a_late_start_within_the_expiry_or_without_one_runs(expire_after: str | None) -> None:
    timeline = Timeline("2026-11-23T09:00:00Z")
    timeline.people(2)
    timeline.create(schedule={"startAt": "2026-11-23T10:00:00Z"}, expireAfter=expire_after)
    timeline.clock.go_on(hours=2 if expire_after else 200)
    timeline.tick()
    timeline.settle()
    assert timeline.named().status == Status.COMPLETED
    assert len(timeline.letters) == 2


def test_what_waits_too_long_behind_others_expires() -> None:
    timeline = Timeline("2026-11-23T09:00:00Z")
    timeline.people(2)
    timeline.create(Status.RUNNING, expireAfter="PT1H")
    timeline.clock.go_on(hours=1, seconds=1)
    timeline.settle()
    assert timeline.progress().outcomes == {"skipped.expired": 2}
    assert timeline.named().status == Status.COMPLETED


def test_a_paused_campaign_that_waits_for_its_window_expires_when_resumed_too_late() -> None:
    timeline = launched(EVENING, sendWindow=OFFICE | {"timezone": "campaign"}, expireAfter="PT20H")
    timeline.settle()
    timeline.move(Status.PAUSED)
    timeline.clock.go_on(days=3)
    timeline.move(Status.RUNNING)
    timeline.minutes(3)
    assert timeline.progress().outcomes == {"skipped.expired": 3}
    assert timeline.named().status == Status.COMPLETED


def test_a_messages_lost_worker_counts_even_though_its_window_closed_meanwhile() -> None:
    timeline = launched("2026-11-23T16:59:00Z", sendWindow=OFFICE | {"timezone": "campaign"})
    timeline.post.kill_after_call = True
    timeline.settle()
    timeline.post.kill_after_call = False
    timeline.clock.go_on(minutes=5)
    timeline.until(timeline.clock() + timedelta(minutes=5))
    assert sum(timeline.progress().outcomes.values()) == 3
    assert len(timeline.letters) == timeline.progress().outcomes["unknown"] == 3
    assert timeline.named().status == Status.COMPLETED_WITH_FAILURES
