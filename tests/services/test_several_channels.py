"""A campaign on several channels: a run for each, launched together, and one account of them all."""

from collections.abc import Sequence
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.errors import DomainError, RuleBroken
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Stop
from clarion.domain.outlet import Outlet
from clarion.domain.run import RunId
from clarion.domain.split import held_out
from clarion.storage.recipients import RecipientTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery

PAGE = Outlet(platform="facebook", profile="1234", name="Shop")
FEED = Outlet(platform="x", profile="99", name="@shop")
SOCIAL = {
    "profiles": [{"platform": "facebook", "profile": "1234"}, {"platform": "x", "profile": "99"}],
    "text": "Sale!",
}


class Profiles:
    """What was published, by profile; answers as a test says."""

    def __init__(self) -> None:
        self.posts: list[Outlet] = []
        self.answers: dict[str, list[Outcome]] = {}

    max_batch = 1

    def send(self, messages: Sequence[Outlet]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for outlet in messages:
            planned = self.answers.get(outlet.profile)
            outcome = planned.pop(0) if planned else Accepted(f"post-{outlet.profile}")
            if isinstance(outcome, Accepted):
                self.posts.append(outlet)
            outcomes.append(outcome)
        return outcomes


class ByChannel:
    """Composes for contacts as ever; what is published stands for itself."""

    def __init__(self, delivery: Delivery) -> None:
        self._mails = delivery.composer

    def compose(self, recipient: Any) -> Any:
        return recipient if isinstance(recipient, Outlet) else self._mails.compose(recipient)


@pytest.fixture
def delivery() -> Delivery:
    delivery = Delivery()
    delivery.channels.connected |= {"social", "sms"}
    delivery.channels.profiles = [PAGE, FEED]
    delivery.others["social"] = Profiles()
    delivery.composer = ByChannel(delivery)
    return delivery


def profiles(delivery: Delivery) -> Profiles:
    found = delivery.others["social"]
    assert isinstance(found, Profiles)
    return found


def test_a_post_needs_neither_audience_nor_template_and_goes_once_to_each_profile(delivery: Delivery) -> None:
    delivery.people(3)
    launched = delivery.launch(channels=["social"], audience=None, templateId=None, social=SOCIAL)
    delivery.work()
    assert launched.latest_runs == (1,)
    assert sorted(post.profile for post in profiles(delivery).posts) == ["1234", "99"]
    assert delivery.vendor.outbox == []
    assert delivery.outcomes() == {"sent": 2}
    assert delivery.campaign().status == Status.COMPLETED


def test_each_channel_has_a_run_and_their_counts_are_added_up(delivery: Delivery) -> None:
    delivery.people(70)
    delivery.launch(channels=["email", "social"], social=SOCIAL)
    delivery.work()
    campaign = delivery.campaign()
    assert (campaign.status, campaign.latest_runs, campaign.live) == (Status.COMPLETED, (1, 2), ())
    progress = delivery.service.progress(ORG, campaign)
    assert progress is not None
    assert (progress.audience, progress.outcomes, progress.complete) == (72, {"sent": 72}, True)
    assert len(delivery.vendor.outbox) == 70
    assert len(profiles(delivery).posts) == 2


def test_the_campaign_ends_with_its_last_run_alone(delivery: Delivery) -> None:
    delivery.people(60)
    delivery.launch(channels=["social", "email"], social=SOCIAL)
    while profiles(delivery).posts == [] or len(profiles(delivery).posts) < 2:
        assert delivery.step()
    assert delivery.campaign().status == Status.RUNNING
    delivery.work()
    assert delivery.campaign().status == Status.COMPLETED


def test_a_vendor_that_knows_us_no_more_pauses_all_of_it_and_resuming_posts_nothing_twice(delivery: Delivery) -> None:
    delivery.people(60)
    profiles(delivery).answers["99"] = [Stop("NotConnected", "the consent has ended")]
    delivery.launch(channels=["social", "email"], social=SOCIAL)
    delivery.work()
    paused = delivery.campaign()
    assert paused.status == Status.PAUSED
    assert paused.status_reason == "NotConnected: the consent has ended"
    delivery.service.update(ORG, CAMPAIGN, paused, Status.RUNNING, None)
    delivery.work()
    assert delivery.campaign().status == Status.COMPLETED
    assert sorted(post.profile for post in profiles(delivery).posts) == ["1234", "99"]
    assert len(delivery.vendor.outbox) == 60
    assert delivery.sent_twice() == []


def test_retrying_goes_to_whom_it_failed_on_every_channel(delivery: Delivery) -> None:
    (broken, *_) = delivery.people(5)
    delivery.contacts.all[broken]["attributes"]["broken"] = True
    profiles(delivery).answers["99"] = [Rejected("TooLong", "280 characters")]
    delivery.launch(channels=["email", "social"], social=SOCIAL)
    delivery.work()
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES
    delivery.contacts.all[broken]["attributes"]["broken"] = False
    delivery.service.retry_failed(ORG, CAMPAIGN)
    delivery.work()
    assert len(delivery.vendor.outbox) == 5
    # What the vendor refused is not sent again: it would be refused again.
    assert [post.profile for post in profiles(delivery).posts] == ["1234"]
    assert delivery.runs.progress(RunId(ORG, CAMPAIGN, 2)).outcomes == {"sent": 1, "rejected": 1}


def test_held_out_contacts_get_no_mail_and_no_profile_is_held_out(delivery: Delivery) -> None:
    held = {contact for contact in delivery.people(40) if held_out(CAMPAIGN, contact, 50)}
    delivery.launch(channels=["email", "social"], social=SOCIAL, holdOut=50)
    delivery.work()
    assert delivery.runs.progress(RunId(ORG, CAMPAIGN, 1)).outcomes == {
        "sent": 40 - len(held),
        "skipped.hold_out": len(held),
    }
    assert delivery.runs.progress(RunId(ORG, CAMPAIGN, 2)).outcomes == {"sent": 2}


def test_what_failed_on_one_channel_is_retried_though_another_is_connected_no_more(delivery: Delivery) -> None:
    (broken,) = delivery.people(1)
    delivery.contacts.all[broken]["attributes"]["broken"] = True
    delivery.launch(channels=["email", "social"], social=SOCIAL)
    delivery.work()
    delivery.contacts.all[broken]["attributes"]["broken"] = False
    delivery.channels.connected -= {"social", "email"}
    with pytest.raises(RuleBroken, match="'email' is not connected"):
        delivery.service.retry_failed(ORG, CAMPAIGN)
    delivery.channels.connected |= {"email"}
    delivery.service.retry_failed(ORG, CAMPAIGN)
    delivery.work()
    assert len(delivery.vendor.outbox) == 1


def test_a_recurring_post_is_a_run_for_each_occurrence(delivery: Delivery) -> None:
    delivery.launch(
        type="recurring",
        channels=["social"],
        audience=None,
        templateId=None,
        social=SOCIAL,
        recurring={"cron": "*/30 * * * *"},
    )
    delivery.recover(minutes=61)
    assert sorted(post.profile for post in profiles(delivery).posts) == ["1234", "1234", "99", "99"]
    assert delivery.campaign().run == 2


def test_a_profile_posts_when_the_campaigns_own_clock_shows_the_hour(delivery: Delivery) -> None:
    schedule = {"startAt": "2026-11-21T12:00:00", "timezone": "Europe/Berlin", "recipientTime": True}
    delivery.launch(channels=["social"], audience=None, templateId=None, social=SOCIAL, schedule=schedule)
    delivery.recover(minutes=60)
    assert delivery.clock().hour == 10
    assert profiles(delivery).posts == []
    delivery.recover(minutes=62)
    assert len(profiles(delivery).posts) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"social": None}, "body.social.profiles"),
        ({"social": {**SOCIAL, "profiles": [{"platform": "x", "profile": "5"}]}}, "body.social.profiles.0"),
        ({"social": {"profiles": SOCIAL["profiles"]}, "templateId": None}, "body.social.text"),
        ({"channels": ["email", "social"], "audience": None}, "body.audienceId"),
        ({"channels": ["email", "social"], "templateId": None}, "body.templateId"),
        ({"channels": ["ads"]}, None),
        (
            {"type": "drip", "templateId": None, "steps": [{"id": "a", "templateId": "t1"}], "social": None},
            "body.channels",
        ),
    ],
)
def test_what_cannot_be_posted_is_refused_by_name(
    delivery: Delivery, changed: dict[str, Any], field: str | None
) -> None:
    details = {"channels": ["social"], "social": SOCIAL, **changed}
    if field is None:  # an unconnected channel keeps a draft
        assert delivery.launch(**details).status == Status.DRAFT
        return
    with pytest.raises(DomainError) as refused:
        delivery.launch(**details)
    assert isinstance(refused.value, RuleBroken)
    assert refused.value.field == field
    assert delivery.queue.take() is None


def test_a_template_says_what_is_posted_where_the_campaign_does_not(delivery: Delivery) -> None:
    delivery.launch(channels=["social"], audience=None, social={"profiles": SOCIAL["profiles"]})
    [content] = {
        delivery.runs.content(delivery.run_id, step.contents[""].digest)
        for step in delivery.runs.get(delivery.run_id).plan.steps
    }
    assert '"text":"post t1"' in content


def test_an_experiment_goes_over_one_channel_to_contacts(delivery: Delivery) -> None:
    experiment = {"variants": [{"id": "a", "share": 50}, {"id": "b", "share": 50}]}
    with pytest.raises(RuleBroken, match="one channel"):
        delivery.launch(channels=["email", "social"], social=SOCIAL, experiment=experiment)


def test_recipients_of_a_post_are_its_profiles(delivery: Delivery) -> None:
    delivery.launch(channels=["social"], audience=None, templateId=None, social=SOCIAL)
    delivery.work()
    recipients, _ = RecipientTable(delivery.table).list(delivery.runs.get(delivery.run_id), None, 10, None)
    assert sorted((each.outlet.name, each.outcome, each.detail) for each in recipients if each.outlet) == [
        ("@shop", "sent", "post-99"),
        ("Shop", "sent", "post-1234"),
    ]
