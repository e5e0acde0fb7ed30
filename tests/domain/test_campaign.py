"""The rules of a campaign's life."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import ValidationError

from clarion.domain.campaign import MOST_LIVE_RUNS, Campaign, Status
from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.errors import RuleBroken
from clarion.domain.timing import Schedule

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FINAL = {Status.COMPLETED, Status.COMPLETED_WITH_FAILURES, Status.CANCELLED}


def campaign(**fields: Any) -> Campaign:
    return Campaign(**{"id": "k", "name": "Autumn", "owner": "u", "created_at": NOW, "updated_at": NOW, **fields})


def test_a_draft_launches_and_completes() -> None:
    done = campaign().launched(NOW).to(Status.COMPLETED, NOW + timedelta(minutes=1))
    assert (done.status, done.run, done.launched_at) == (Status.COMPLETED, 1, NOW)
    assert done.completed_at == NOW + timedelta(minutes=1)


def test_no_more_runs_go_on_than_can_be_paused_at_once() -> None:
    full = campaign(status=Status.RUNNING, run=MOST_LIVE_RUNS + 1, live=range(2, MOST_LIVE_RUNS + 2))
    assert full.retrying(2, NOW).live == full.live
    with pytest.raises(RuleBroken, match="are still going on"):
        full.retrying(1, NOW)
    with pytest.raises(RuleBroken, match="are still going on"):
        full.launched(NOW)


@pytest.mark.parametrize("final", sorted(FINAL))
def test_what_is_over_stays_over(final: Status) -> None:
    for status in Status:
        if status != final:
            with pytest.raises(RuleBroken, match=f"a campaign that is {final.value} cannot become"):
                campaign(status=final).to(status, NOW)


def test_a_running_campaign_keeps_what_it_sends_and_may_be_renamed() -> None:
    running = campaign(template_id="t1", channels=["email"]).launched(NOW)
    details = CampaignDetails(name="Winter", template_id="t1", channels=["email"])
    assert running.changed(details, NOW).name == "Winter"
    with pytest.raises(RuleBroken, match="keeps its template id") as refused:
        running.changed(details.model_copy(update={"template_id": "t2"}), NOW)
    assert refused.value.field == "body.templateId"


def test_a_paused_campaign_that_repeats_may_be_changed_for_its_next_runs() -> None:
    weekly = {"type": "recurring", "recurring": {"cron": "0 9 * * 1"}, "template_id": "t1", "channels": ["email"]}
    paused = campaign(**weekly).launched(NOW).to(Status.PAUSED, NOW)
    details = CampaignDetails(name="Autumn", **weekly)
    assert paused.changed(details.model_copy(update={"template_id": "t2"}), NOW).template_id == "t2"
    with pytest.raises(RuleBroken, match="keeps repeating") as refused:
        paused.changed(details.model_copy(update={"recurring": None}), NOW)
    assert refused.value.field == "body.recurring"
    with pytest.raises(RuleBroken, match="keeps its template id"):
        campaign(**weekly).launched(NOW).changed(details.model_copy(update={"template_id": "t2"}), NOW)


def test_a_deleted_campaign_is_cancelled_and_cannot_be_changed() -> None:
    deleted = campaign().launched(NOW).deleted(NOW)
    assert (deleted.state, deleted.status) == ("deleted", Status.CANCELLED)
    with pytest.raises(RuleBroken, match="deleted"):
        deleted.changed(CampaignDetails(name="x"), NOW)


def test_deleting_a_completed_campaign_keeps_its_status() -> None:
    assert campaign(status=Status.COMPLETED).deleted(NOW).status == Status.COMPLETED


def test_a_time_without_offset_is_read_in_the_schedules_zone() -> None:
    schedule = Schedule.model_validate({"startAt": "2026-07-01T09:00:00", "timezone": "Europe/Riga"})
    assert schedule.start_at == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "at least 1 character"),
        ({"channels": ["email", "email"]}, "names a channel twice"),
        ({"channels": ["fax"]}, "Input should be 'email'"),
        ({"type": "weekly"}, "Input should be 'one-shot'"),
        ({"budget": {"amount": "-1"}}, "greater than or equal to 0"),
        ({"budget": {"amount": "1", "currency": "euro"}}, "should match pattern"),
        ({"schedule": {"startAt": "2026-01-01T00:00:00Z", "timezone": "Mars/Olympus"}}, "no time zone"),
        ({"schedule": {"startAt": "2026-01-02T00:00:00Z", "endAt": "2026-01-01T00:00:00Z"}}, "endAt must be after"),
        ({"audienceId": "a", "audience": {"type": "static", "contactIds": []}}, "not both"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_details_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CampaignDetails.model_validate({"name": "Autumn", **fields})


class CampaignLife(RuleBasedStateMachine):
    """Whatever is asked in whatever order, a campaign is in a state that its history allows."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = campaign(template_id="t1", channels=["email"])
        self.launches = 0
        self.over: Status | None = None

    @rule(status=st.sampled_from(list(Status)))
    def move(self, status: Status) -> None:
        before = self.campaign
        try:
            self.campaign = before.to(status, NOW)
        except RuleBroken:
            assert self.campaign is before
        if self.campaign.status in FINAL and self.over is None:
            self.over = self.campaign.status

    @rule()
    def launch(self) -> None:
        if self.campaign.status in (Status.DRAFT, Status.SCHEDULED) and self.campaign.state == "active":
            self.campaign = self.campaign.launched(NOW)
            self.launches += 1

    @rule()
    def delete(self) -> None:
        self.campaign = self.campaign.deleted(NOW)
        if self.campaign.status in FINAL and self.over is None:
            self.over = self.campaign.status

    @precondition(lambda self: self.campaign.state == "active")
    @rule(template=st.sampled_from(["t1", "t2"]))
    def edit(self, template: str) -> None:
        details = CampaignDetails(name="Autumn", template_id=template, channels=["email"])
        kept = self.campaign.template_id
        try:
            self.campaign = self.campaign.changed(details, NOW)
        except RuleBroken:
            assert template != kept
            assert self.campaign.status not in (Status.DRAFT, Status.SCHEDULED, Status.FAILED)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        assert self.over is None or self.campaign.status == self.over

    @invariant()
    def runs_are_counted(self) -> None:
        assert self.campaign.run == self.launches

    @invariant()
    def a_deleted_campaign_sends_nothing(self) -> None:
        if self.campaign.state == "deleted":
            assert self.campaign.status not in (Status.RUNNING, Status.SCHEDULED, Status.PAUSED)


TestCampaignLife = CampaignLife.TestCase
