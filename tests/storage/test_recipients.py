"""Recipients, read from the ledger that a delivery leaves."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from clarion.domain.campaign import Status
from clarion.domain.outcomes import Rejected
from clarion.domain.recipients import Recipient
from clarion.storage.recipients import RecipientTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details, run_of


def listed(delivery: Delivery, outcome: str | None = None, limit: int = 50) -> list[Recipient]:
    """Every recipient, page after page."""
    table = RecipientTable(delivery.table)
    found: list[Recipient] = []
    position: dict[str, Any] | None = None
    while True:
        page, position = table.list(run_of(delivery), outcome, limit, position)
        assert len(page) <= limit
        found += page
        if position is None:
            return found


def test_a_delivery_s_recipients_are_its_audience_with_the_outcomes_that_were_counted() -> None:
    delivery = Delivery()
    everybody = delivery.people(1234)
    broken = delivery.people(2, attributes={"broken": True})
    denied = delivery.people(3, consent={"email": "denied"})
    delivery.vendor.answers = {"p7@example.com": [Rejected("MessageRejected", "no such mailbox")]}
    delivery.launch()
    delivery.work()
    recipients = listed(delivery, limit=37)
    assert sorted(each.contact_id for each in recipients) == sorted([*everybody, *broken, *denied])
    assert Counter(each.outcome for each in recipients) == delivery.outcomes()
    assert {each.contact_id for each in listed(delivery, "skipped")} == set(denied)
    assert {(each.contact_id, each.detail) for each in listed(delivery, "render_failed")} == {
        (contact_id, "html: division by zero") for contact_id in broken
    }
    [rejected] = listed(delivery, "rejected")
    assert rejected.contact_id == everybody[7]
    assert "no such mailbox" in rejected.detail
    assert all(each.detail.startswith("v-") for each in listed(delivery, "sent"))


def test_before_anything_is_sent_everybody_planned_is_pending() -> None:
    delivery = Delivery()
    everybody = delivery.people(60)
    delivery.launch()
    while delivery.queue.waiting and delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    assert {(each.contact_id, each.outcome) for each in listed(delivery)} == {(i, "pending") for i in everybody}
    assert listed(delivery, "sent") == []


def test_a_journey_s_contact_is_a_recipient_of_each_step_it_has_come_to() -> None:
    delivery = Delivery()
    [contact] = delivery.people(1)
    steps = [{"id": "hello", "templateId": "t1"}, {"id": "reminder", "templateId": "t1", "delay": "P3D"}]
    delivery.launch(type="drip", templateId=None, steps=steps)
    delivery.work()
    first, second = listed(delivery, limit=1)
    assert (first.contact_id, first.step, first.outcome, first.due_at) == (contact, "hello", "sent", "")
    assert (second.contact_id, second.step, second.outcome) == (contact, "reminder", "pending")
    assert second.due_at == "2026-11-24T09:00:00.000Z"


def test_each_recipient_of_an_experiment_has_its_variant() -> None:
    delivery = Delivery()
    delivery.people(200)
    variants = [{"id": "a", "share": 20}, {"id": "b", "share": 30}]
    delivery.launch(experiment={"variants": variants})
    while delivery.queue.waiting and delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    shares = Counter(each.variant for each in listed(delivery))
    assert set(shares) == {"a", "b", "winner"}
    assert shares["a"] < shares["b"] < shares["winner"]


def test_where_hours_differ_each_recipient_has_its_zone_and_time() -> None:
    delivery = Delivery()
    [berlin] = delivery.people(1, timezone="Europe/Berlin")
    [nowhere] = delivery.people(1)
    schedule = {"startAt": "2026-11-30T08:00:00", "timezone": "America/New_York", "recipientTime": True}
    delivery.service.create(ORG, CAMPAIGN, "u-owner", campaign_details(schedule=schedule), Status.RUNNING)
    delivery.clock.time = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
    delivery.starter.tick()
    while delivery.queue.waiting and delivery.queue.waiting[0][0] == "plan":
        delivery.step()
    assert {each.contact_id: (each.zone, each.due_at) for each in listed(delivery)} == {
        berlin: ("Europe/Berlin", "2026-11-30T07:00:00.000Z"),
        nowhere: ("America/New_York", "2026-11-30T13:00:00.000Z"),
    }
