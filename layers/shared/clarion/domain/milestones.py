"""What lets a contact into a journey, and the key by which it enters only once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from clarion.domain.journey import DateMilestone
from clarion.domain.run import Run


def entry_key(run: Run) -> str:
    """The place that a contact takes in a run planned from the audience; empty where the run is no journey.

    ``0001`` is the first way through a drip. A day's milestone is the day itself, ``2026-11-21``, or its year where it
    comes every year: whoever corrects a birthday is not congratulated twice.
    """
    plan = run.plan
    if not plan.journey:
        return ""
    if isinstance(plan.milestone, DateMilestone) and plan.wall:
        day = _milestone_day(plan.milestone, plan.wall.date())
        return f"{day.year}" if plan.milestone.anniversary else day.isoformat()
    return f"{run.id.run:04d}"


def comes_today(run: Run, contact: Mapping[str, Any]) -> bool:
    """Whether planning takes a member of the audience in: a drip takes everybody, a day's milestone those whose day
    it is, any other milestone nobody, since that is reached by what happens later."""
    plan = run.plan
    if plan.milestone is None:
        return True
    if not isinstance(plan.milestone, DateMilestone) or plan.wall is None:
        return False
    day = _day_of(contact.get("attributes", {}).get(plan.milestone.attribute))
    if day is None:
        return False
    wanted = _milestone_day(plan.milestone, plan.wall.date())
    if not plan.milestone.anniversary:
        return day == wanted
    return day.year <= wanted.year and _in_year(day, wanted.year) == wanted


def _milestone_day(milestone: DateMilestone, today: date) -> date:
    """With ``offset_days`` 3 the messages of the 21st are about the 18th."""
    return today - timedelta(days=milestone.offset_days)


def _in_year(day: date, year: int) -> date:
    """29 February is kept on the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _day_of(value: Any) -> date | None:
    """The day of ``1990-05-17`` or ``1990-05-17T08:00:00Z``."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
