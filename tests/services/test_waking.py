"""Waking what waits while workers are at it: nobody is forgotten, sent to twice, or lost sight of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from clarion.domain.campaign import Status
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Outcome
from clarion.domain.run import Batch, RunId
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details
from tests.fakes.world import Composer, Vendor


def paused_and_resumed(delivery: Delivery) -> None:
    """Until every shard has woken its batches."""
    for status in (Status.PAUSED, Status.RUNNING):
        delivery.service.update(ORG, CAMPAIGN, campaign_details(), status, None)
    asked = [what for kind, what in delivery.queue.waiting if kind == "plan"]
    for run_id, shard in asked:
        delivery.planner.plan(run_id, shard, delivery.remaining_ms)


def planned(delivery: Delivery) -> None:
    delivery.launch()
    while delivery.queue.waiting and delivery.queue.waiting[0][0] == "plan":
        delivery.step()


class Once:
    """Does something the first time it is asked."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def __call__(self) -> None:
        act, self._act = self._act, None
        if act:
            act()


def test_what_a_call_led_to_is_recorded_though_the_campaign_was_paused_and_resumed_during_the_call() -> None:
    delivery = Delivery()
    delivery.people(40)
    planned(delivery)
    meanwhile = Once(lambda: paused_and_resumed(delivery))

    class Slow(Vendor):
        def send(self, mails: Sequence[Mail]) -> list[Outcome]:
            meanwhile()
            return super().send(mails)

    vendor = Slow()
    delivery.through(vendor, delivery._composer_of)
    delivery.work()
    delivery.recover()
    assert delivery.outcomes() == {"sent": 40}
    assert len(vendor.outbox) == len(set(vendor.outbox)) == 40


def test_a_worker_lost_in_a_call_after_the_campaign_was_resumed_leaves_nobody_to_be_sent_to_twice() -> None:
    delivery = Delivery()
    delivery.people(40)
    planned(delivery)
    meanwhile = Once(lambda: paused_and_resumed(delivery))

    class SlowComposer(Composer):
        def compose(self, contact: Mapping[str, Any]) -> Mail:
            meanwhile()
            return super().compose(contact)

    delivery.composer = SlowComposer()
    delivery.vendor.kill_after_call = True
    delivery.step()
    delivery.vendor.kill_after_call = False
    delivery.work()
    delivery.recover()
    assert delivery.sent_twice() == []
    assert sum(delivery.outcomes().values()) == 40
    assert delivery.outcomes()["unknown"] > 0


def test_a_batch_laid_aside_by_whoever_still_saw_the_pause_is_woken_all_the_same() -> None:
    delivery = Delivery()
    delivery.people(40)
    planned(delivery)
    delivery.service.update(ORG, CAMPAIGN, campaign_details(), Status.PAUSED, None)
    delivery.work()
    of_shard = delivery.batches.of_shard

    def laid_aside_meanwhile(run_id: RunId, shard: int) -> Iterator[Batch]:
        for batch in of_shard(run_id, shard):
            delivery.batches.save(batch, replace(batch, look_at=""))
            yield batch

    delivery.batches.of_shard = laid_aside_meanwhile  # type: ignore[method-assign]
    delivery.service.update(ORG, CAMPAIGN, campaign_details(), Status.RUNNING, None)
    while delivery.queue.waiting:
        message = delivery.queue.waiting[0]
        delivery.queue.lose = True  # what is queued now is lost; the rows must do
        delivery.step()
        assert message[0] == "plan"
    delivery.queue.lose = False
    delivery.recover()
    assert delivery.outcomes() == {"sent": 40}
    assert delivery.campaign().status == Status.COMPLETED
