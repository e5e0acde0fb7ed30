"""Recipients, read from the ledger that a delivery leaves."""

from collections import Counter
from typing import Any

from clarion.domain.outcomes import Rejected
from clarion.domain.recipients import Recipient
from clarion.storage.recipients import RecipientTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery


def listed(delivery: Delivery, outcome: str | None = None, limit: int = 50) -> list[Recipient]:
    """Every recipient, page after page."""
    table = RecipientTable(delivery.table)
    found: list[Recipient] = []
    position: dict[str, Any] | None = None
    while True:
        page, position = table.list(ORG, CAMPAIGN, 1, outcome, limit, position)
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
