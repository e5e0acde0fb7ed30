"""Who is let into a journey on a day, and under which key."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.audience import StaticMembers
from clarion.domain.campaign_details import Sender
from clarion.domain.milestones import comes_today, entry_key
from clarion.domain.run import Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOBODY = StaticMembers(type="static", contact_ids=())


def run(today: str = "2026-11-21", number: int = 1, **fields: Any) -> Run:
    """A run that looks for ``milestone`` on the day ``today``."""
    plan = {
        "definition": NOBODY,
        "channel": "email",
        "steps": (RunStep(id="1", contents={"": RunContent(digest="d")}),),
        "sender": Sender(email="n@shop.example"),
        "base": NOON,
        "wall": datetime.fromisoformat(f"{today}T09:00"),
        "type": "milestone",
        **fields,
    }
    return Run(RunId("o", "c", number), RunStatus.RUNNING, NOON, RunPlan.model_validate(plan))


def date(**fields: Any) -> dict[str, Any]:
    return {"type": "date", "attribute": "birthday", **fields}


def born(day: Any) -> dict[str, Any]:
    return {"id": "x", "attributes": {"birthday": day}}


@pytest.mark.parametrize(
    ("today", "milestone", "day", "comes"),
    [
        ("2026-11-21", {}, "2026-11-21", True),
        ("2026-11-21", {}, "2026-11-21T23:59:00Z", True),
        ("2026-11-21", {}, "2025-11-21", False),
        ("2026-11-21", {"anniversary": True}, "1990-11-21", True),
        ("2026-11-21", {"anniversary": True}, "1990-11-20", False),
        ("2026-11-21", {"anniversary": True}, "2027-11-21", False),  # not born yet
        ("2027-02-28", {"anniversary": True}, "2000-02-29", True),
        ("2028-02-28", {"anniversary": True}, "2000-02-29", False),
        ("2028-02-29", {"anniversary": True}, "2000-02-29", True),
        ("2026-11-21", {"offset_days": 3}, "2026-11-18", True),
        ("2026-11-21", {"offset_days": -3}, "2026-11-24", True),
        ("2027-01-02", {"anniversary": True, "offset_days": 3}, "1990-12-30", True),
        ("2026-12-30", {"anniversary": True, "offset_days": -3}, "1990-01-02", True),
        ("2026-11-21", {}, "21.11.2026", False),
        ("2026-11-21", {}, 20261121, False),
        ("2026-11-21", {}, None, False),
    ],
)
def test_the_day_of_a_contact(today: str, milestone: dict[str, Any], day: Any, comes: bool) -> None:
    assert comes_today(run(today, milestone=date(**milestone)), born(day)) is comes


def test_whoever_lacks_the_attribute_stays_outside() -> None:
    assert not comes_today(run(milestone=date()), {"id": "x"})


def test_a_drip_takes_everybody_and_any_other_milestone_nobody_from_the_audience() -> None:
    assert comes_today(run(type="drip"), born(None))
    assert not comes_today(run(milestone={"type": "count", "of": "opens", "reaches": 3}), born("2026-11-21"))


def test_a_place_is_the_way_through_the_day_or_the_year() -> None:
    assert entry_key(run(type="one-shot")) == ""
    assert entry_key(run(type="drip", wall=None, number=2)) == "0002"
    assert entry_key(run(milestone=date(offset_days=3))) == "2026-11-18"
    assert entry_key(run(milestone=date(anniversary=True))) == "2026"
    assert entry_key(run("2027-01-02", milestone=date(anniversary=True, offset_days=3))) == "2026"
