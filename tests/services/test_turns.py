"""Many batches and a low rate: who has no turn yet prepares nothing, and lets others at the workers."""

from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.sending_rules import SendingRules
from clarion.services.allowances import LONGEST_NAP_S
from tests.fakes.delivery import Delivery


@pytest.fixture
def delivery() -> Delivery:
    delivery = Delivery()
    delivery.rules.rules = SendingRules.model_validate({"rateLimits": [{"channel": "email", "perSecond": 2}]})
    return delivery


def test_messages_are_claimed_about_once_however_long_their_turn_takes(delivery: Delivery, monkeypatch: Any) -> None:
    claims: list[int] = []
    claim = delivery.batches.claim_messages

    def counted(*given: Any) -> set[int]:
        claims.append(1)
        return claim(*given)

    monkeypatch.setattr(delivery.batches, "claim_messages", counted)
    delivery.people(1_000)
    delivery.launch()
    delivery.work()
    delivery.recover()
    batches = delivery.runs.progress(delivery.run_id).batches
    assert delivery.outcomes() == {"sent": 1_000}
    assert delivery.sent_twice() == []
    assert len(claims) <= 1.5 * batches


def test_the_rate_is_kept_and_nearly_used(delivery: Delivery) -> None:
    delivery.people(1_000)
    begin = delivery.clock()
    delivery.launch()
    delivery.work()
    taken = delivery.signs.last - begin if delivery.signs.last else timedelta()
    assert timedelta(seconds=1_000 / 2 - 60) <= taken <= timedelta(seconds=2.5 * 1_000 / 2)


def test_a_worker_waits_for_a_turn_only_briefly(delivery: Delivery, monkeypatch: Any) -> None:
    naps: list[float] = []
    go_on = delivery.clock.go_on

    def noted(seconds: float) -> None:
        naps.append(seconds)
        go_on(seconds=seconds)

    monkeypatch.setattr(delivery.clock, "go_on", noted)
    delivery.people(600)
    delivery.launch()
    delivery.work()
    assert naps
    assert max(naps) <= LONGEST_NAP_S
