"""Of whom it is sure that a lost worker's call told the vendor nothing."""

from datetime import UTC, datetime

import pytest

from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication, PublicationState
from clarion.domain.run import Batch, BatchId, BatchState, Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.sending_rules import ChannelType
from clarion.services.lost_calls import LostCalls

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OUTLETS = tuple(Outlet(platform="x", profile=str(n), name=f"@{n}") for n in range(3))


class Kept:
    """``states`` of what was published, by profile."""

    def __init__(self, **states: PublicationState) -> None:
        self.states, self.asked = states, list[MessageRef]()

    def get(self, message: MessageRef) -> Publication | None:
        self.asked.append(message)
        [outlet] = [outlet for outlet in OUTLETS if outlet.id == message.contact]
        state = self.states.get(f"p{outlet.profile}")
        return Publication(message=message, outlet=outlet, made_at=NOW, state=state) if state else None


def lost(channel: ChannelType, *call: int) -> tuple[Run, Batch]:
    step = RunStep(id="1", contents={"": RunContent(digest="d")})
    run_id = RunId("acme", "k", 2)
    plan = RunPlan(channel=channel, outlets=OUTLETS if channel == "social" else (), steps=(step,), base=NOW)
    ids = tuple(outlet.id for outlet in OUTLETS)
    batch = Batch(BatchId(run_id, 0, 1), BatchState.CALLING, ids, "2026-11-21T09:00:00.000Z", call=call)
    return Run(run_id, RunStatus.RUNNING, NOW, plan), batch


def test_what_was_not_written_down_was_told_to_nobody() -> None:
    kept = Kept()
    assert LostCalls(kept).unsent(*lost("social", 1)) == {1}
    assert kept.asked == [MessageRef("acme", OUTLETS[1].id, "k", 2, "1", "social")]


@pytest.mark.parametrize(
    ("state", "unsent"),
    [(PublicationState.CALLING, False), (PublicationState.LIVE, False), (PublicationState.GONE, False),
     (PublicationState.ABSENT, True)],
)  # fmt: skip
def test_of_what_was_written_down_only_what_was_looked_for_in_vain_is_not_there(
    state: PublicationState, unsent: bool
) -> None:
    assert LostCalls(Kept(p0=state)).unsent(*lost("social", 0, 2)) == ({0, 2} if unsent else {2})


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_of_mails_and_texts_nobody_knows_and_nobody_is_asked(channel: ChannelType) -> None:
    kept = Kept()
    assert LostCalls(kept).unsent(*lost(channel, 0, 1)) == set()
    assert kept.asked == []
