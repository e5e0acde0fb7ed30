"""Whoever waits to enter a drip again is looked for once a day."""

from datetime import timedelta

import pytest

from clarion.services.supervision import LOOKING_MINUTES
from tests.fakes.delivery import Delivery

STEPS = [{"id": "1", "templateId": "t1"}]


@pytest.mark.parametrize(("reentry", "looks"), [({"after": "P1D"}, LOOKING_MINUTES), (None, 0)])
def test_a_drip_that_may_be_entered_again_is_looked_at_in_some_minutes_of_each_day(
    reentry: dict[str, str] | None, looks: int
) -> None:
    delivery = Delivery()
    delivery.people(2)
    delivery.launch(type="drip", templateId=None, steps=STEPS, reentry=reentry)
    delivery.work()
    for day in (1, 2):
        delivery.recover(minutes=24 * 60)
        assert delivery.daily_looks.asked == [delivery.run_id] * looks * day
    assert delivery.clock() - delivery.runs.get(delivery.run_id).started_at >= timedelta(days=2)
