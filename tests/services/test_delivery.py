"""The promises of a delivery: one message each, nobody forgotten, counts that add up; whatever dies when."""

from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.campaign import Status
from clarion.domain.errors import RuleBroken
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.run import BatchId, Run
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details
from tests.fakes.world import Channels


@pytest.fixture
def delivery() -> Delivery:
    return Delivery()


def everyone(delivery: Delivery) -> set[str]:
    return {contact["email"] for contact in delivery.contacts.all.values()}


def test_everybody_gets_the_message_once_and_the_campaign_completes(delivery: Delivery) -> None:
    delivery.people(1234)
    delivery.launch()
    delivery.work()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.campaign().status == Status.COMPLETED
    assert delivery.outcomes() == {"sent": 1234}
    assert delivery.counted_sends() == 1234


def test_an_empty_audience_completes_at_once(delivery: Delivery) -> None:
    delivery.launch()
    delivery.work()
    assert delivery.campaign().status == Status.COMPLETED
    assert delivery.vendor.outbox == []


def test_a_filter_selects_and_a_contact_added_after_the_start_gets_nothing(delivery: Delivery) -> None:
    delivery.people(30, attributes={"city": "Riga"})
    delivery.people(40, attributes={"city": "Oslo"})
    where = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"city": "Riga"}}}
    delivery.launch(audience=where)
    delivery.contacts.add(
        "01J99999999999999999999999",
        delivery.clock() + timedelta(seconds=1),
        email="late@example.com",
        attributes={"city": "Riga"},
    )
    delivery.work()
    assert len(delivery.vendor.outbox) == 30
    assert "late@example.com" not in delivery.vendor.outbox


def test_every_reason_for_not_sending_is_counted_and_all_add_up(delivery: Delivery) -> None:
    delivery.people(5)
    delivery.people(1, email=None)
    delivery.people(2, consent={"email": "denied"})
    delivery.people(1, attributes={"broken": True})
    gone = delivery.people(1)[0]
    delivery.suppressions.addresses = {"p0@example.com"}
    delivery.vendor.answers = {
        "p1@example.com": [Rejected("MessageRejected", "no")],
        "p2@example.com": [Unknown("read timeout")],
    }
    delivery.launch()
    while delivery.queue.waiting and delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    del delivery.contacts.all[gone]
    delivery.work()
    assert delivery.outcomes() == {
        "sent": 2,
        "skipped.suppressed": 1,
        "skipped.no_address": 1,
        "skipped.no_consent": 2,
        "skipped.contact_deleted": 1,
        "render_failed": 1,
        "rejected": 1,
        "unknown": 1,
    }
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES
    states = {item["to"]: item["state"] for (_, sk), item in delivery.table.items.items() if sk.startswith("MSG#")}
    assert states["p1@example.com"] == "rejected"
    assert states["p2@example.com"] == "unknown"
    assert states["p3@example.com"] == "claimed"


def test_what_the_vendor_postpones_is_sent_later_and_once(delivery: Delivery) -> None:
    delivery.people(60)
    delivery.vendor.answers = {f"p{n}@example.com": [Retry(None, "throttled")] * 2 for n in range(0, 60, 3)}
    delivery.launch()
    delivery.work()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.outcomes() == {"sent": 60}


def test_a_vendor_that_postpones_for_ever_ends_as_failed(delivery: Delivery) -> None:
    delivery.people(1)
    delivery.vendor.answers = {"p0@example.com": [Retry(None, "throttled")] * 5000}
    delivery.launch()
    delivery.work()
    assert delivery.outcomes() == {"failed": 1}
    assert delivery.campaign().status == Status.COMPLETED_WITH_FAILURES


def test_what_waited_for_days_is_not_given_up_when_it_is_postponed_for_the_first_time(delivery: Delivery) -> None:
    delivery.people(1)
    delivery.launch()
    delivery.service.update(ORG, CAMPAIGN, campaign_details(), Status.PAUSED, None)
    delivery.work()
    delivery.clock.go_on(days=3)
    delivery.vendor.answers = {"p0@example.com": [Retry(None, "throttled")]}
    delivery.service.update(ORG, CAMPAIGN, campaign_details(), Status.RUNNING, None)
    delivery.work()
    assert delivery.outcomes() == {"sent": 1}


def test_an_account_at_fault_pauses_the_campaign_and_burns_nobody(delivery: Delivery) -> None:
    delivery.people(20)
    delivery.vendor.answers = {f"p{n}@example.com": [Stop("AccountSuspended", "suspended")] for n in range(20)}
    delivery.launch()
    delivery.work()
    paused = delivery.campaign()
    assert paused.status == Status.PAUSED
    assert paused.status_reason == "AccountSuspended: suspended"
    delivery.vendor.answers = {}
    delivery.service.update(ORG, CAMPAIGN, paused, Status.RUNNING, None)
    delivery.recover()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.campaign().status == Status.COMPLETED


def test_pausing_and_resuming_loses_and_repeats_nobody(delivery: Delivery) -> None:
    delivery.people(2000)
    delivery.launch()
    for _ in range(25):
        delivery.step()
    delivery.service.update(ORG, CAMPAIGN, delivery.campaign(), Status.PAUSED, None)
    delivery.work()
    halted = len(delivery.vendor.outbox)
    assert 0 < halted < 2000
    delivery.recover()
    assert len(delivery.vendor.outbox) == halted
    delivery.service.update(ORG, CAMPAIGN, delivery.campaign(), Status.RUNNING, None)
    delivery.recover()
    assert sorted(delivery.vendor.outbox) == sorted(everyone(delivery))
    assert delivery.campaign().status == Status.COMPLETED


def test_a_cancelled_campaign_sends_no_more(delivery: Delivery) -> None:
    delivery.people(2000)
    delivery.launch()
    for _ in range(25):
        delivery.step()
    delivery.service.delete(ORG, CAMPAIGN)
    sent = len(delivery.vendor.outbox)
    delivery.work()
    delivery.recover()
    assert len(delivery.vendor.outbox) == sent
    assert delivery.campaign().state == "deleted"
    assert delivery.campaign().status == Status.CANCELLED


def test_a_paused_campaign_is_resumed_and_never_launched_again(delivery: Delivery) -> None:
    delivery.people(100)
    delivery.launch()
    delivery.service.update(ORG, CAMPAIGN, delivery.campaign(), Status.PAUSED, None)
    with pytest.raises(RuleBroken, match="paused cannot be launched"):
        delivery.service.launch(ORG, CAMPAIGN)
    assert delivery.campaign().run == 1


def test_a_repeated_create_and_launch_never_launches_what_ran(delivery: Delivery) -> None:
    delivery.people(100)
    delivery.launch()
    delivery.work()
    assert delivery.launch().status == Status.COMPLETED
    delivery.work()
    assert delivery.sent_twice() == []


def test_a_vendor_that_allows_few_mails_a_second_gets_them_all_in_the_end(delivery: Delivery) -> None:
    allowed: dict[int, int] = {}

    def send(mails: Any) -> list[Outcome]:
        second = int(delivery.clock.time.timestamp())
        outcomes: list[Outcome] = []
        for mail in mails:
            if allowed.get(second, 0) < 14:
                allowed[second] = allowed.get(second, 0) + 1
                delivery.vendor.outbox.append(mail.to)
                outcomes.append(Accepted("v"))
            else:
                outcomes.append(Retry(None, "throttled"))
        return outcomes

    delivery.vendor.send = send  # type: ignore[method-assign]
    delivery.people(2000)
    delivery.launch()
    while delivery.step():
        if delivery.clock.time.second == 0:
            delivery.starter.tick()
    assert delivery.outcomes() == {"sent": 2000}
    assert delivery.sent_twice() == []


def test_a_run_whose_mails_cannot_be_composed_at_all_pauses_and_says_why(delivery: Delivery) -> None:
    delivery.people(60)

    def broken(run: Run, batch_id: BatchId, variant: str) -> Any:
        raise ValueError("not an e-mail address: 'garbage'")

    delivery.sender._composer_of = broken
    delivery.launch()
    delivery.work()
    paused = delivery.campaign()
    assert paused.status == Status.PAUSED
    assert paused.status_reason == "NotSendable: not an e-mail address: 'garbage'"
    assert delivery.outcomes() == {}


def test_a_scheduled_campaign_starts_at_its_time_and_not_before(delivery: Delivery) -> None:
    delivery.people(3)
    start = (delivery.clock() + timedelta(minutes=10)).isoformat()
    details = campaign_details(schedule={"startAt": start})
    created = delivery.service.create(ORG, CAMPAIGN, "u", details, Status.SCHEDULED)
    assert created.status == Status.SCHEDULED
    delivery.recover(minutes=9)
    assert delivery.vendor.outbox == []
    delivery.recover(minutes=1)
    assert len(delivery.vendor.outbox) == 3
    assert delivery.campaign().status == Status.COMPLETED


def test_a_scheduled_campaign_that_cannot_start_fails_and_says_why(delivery: Delivery, monkeypatch: Any) -> None:
    start = (delivery.clock() + timedelta(minutes=2)).isoformat()
    details = campaign_details(schedule={"startAt": start})
    delivery.service.create(ORG, CAMPAIGN, "u", details, Status.SCHEDULED)
    monkeypatch.setattr(Channels, "unavailable", lambda self, org_id, channel: "the channel 'email' is not connected")
    delivery.recover(minutes=3)
    assert delivery.campaign().status == Status.FAILED
    assert delivery.campaign().status_reason == "the channel 'email' is not connected"


def test_after_end_at_nothing_more_goes_out(delivery: Delivery) -> None:
    delivery.people(10)
    now = delivery.clock()
    schedule = {"startAt": (now + timedelta(minutes=1)).isoformat(), "endAt": (now + timedelta(minutes=5)).isoformat()}
    details = campaign_details(schedule=schedule)
    delivery.service.create(ORG, CAMPAIGN, "u", details, Status.SCHEDULED)
    delivery.clock.go_on(minutes=2)
    delivery.starter.tick()
    delivery.clock.go_on(minutes=10)
    delivery.work()
    assert delivery.vendor.outbox == []
    assert delivery.outcomes() == {"skipped.expired": 10}
