"""POST and PUT of campaigns of each type: their own fields, their next runs, what contradicts them."""

from datetime import UTC, datetime
from typing import Any

import pytest

WEEKLY = {"type": "recurring", "recurring": {"cron": "30 8 * * MON"}}
BERLIN = {"timezone": "Europe/Berlin"}
CLICK = {"event": "click"}
A, B = {"id": "a", "share": 50}, {"id": "b", "share": 50}


def create(call: Any, body: Any, **how: Any) -> Any:
    return call("campaigns", "create_campaign", body=body, **how)


def step(ready: Any, name: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"id": name, "templateId": ready.template, **fields}


@pytest.fixture
def drip(ready: Any) -> dict[str, Any]:
    """The body of a drip campaign that can be launched."""
    steps = [step(ready), step(ready, "tips", delay="P2D")]
    body: dict[str, Any] = ready.campaign(type="drip", templateId=None, steps=steps, goal=CLICK)
    return body


def test_a_recurring_campaign_shows_its_next_five_runs_in_its_own_zone(call: Any, ready: Any) -> None:
    schedule = {"startAt": "2031-03-17T00:00:00", **BERLIN}
    created = create(call, ready.campaign(**WEEKLY, schedule=schedule, status="scheduled"))
    assert created.status == 201
    assert created.json["nextRuns"] == [
        "2031-03-17T08:30:00+01:00",
        "2031-03-24T08:30:00+01:00",
        "2031-03-31T08:30:00+02:00",
        "2031-04-07T08:30:00+02:00",
        "2031-04-14T08:30:00+02:00",
    ]
    assert created.json["status"] == "scheduled"
    assert datetime.fromisoformat(created.json["nextAt"]) == datetime(2031, 3, 17, 7, 30, tzinfo=UTC)
    assert created.json["recurring"] == WEEKLY["recurring"]
    assert ready.plan_messages() == 0


def test_a_draft_shows_its_next_runs_before_it_is_scheduled(call: Any, ready: Any) -> None:
    draft = create(call, ready.campaign(**WEEKLY))
    assert draft.json["status"] == "draft"
    assert len(draft.json["nextRuns"]) == 5
    assert draft.json["nextAt"] is None


def test_the_end_cuts_the_next_runs_short(call: Any, ready: Any) -> None:
    schedule = {"startAt": "2031-03-17T00:00:00Z", "endAt": "2031-03-24T08:30:00Z"}
    created = create(call, ready.campaign(**WEEKLY, schedule=schedule, status="scheduled"))
    assert created.json["nextRuns"] == ["2031-03-17T08:30:00Z"]


@pytest.mark.parametrize("route", ["launch_campaign", "update_campaign"])
def test_launching_a_recurring_campaign_schedules_its_next_run(call: Any, ready: Any, route: str) -> None:
    draft = create(call, ready.campaign(**WEEKLY)).json
    body = ready.campaign(**WEEKLY, status="running") if route == "update_campaign" else None
    launched = call("campaigns", route, path={"campaign_id": draft["id"]}, body=body)
    assert (launched.json["status"], launched.json["run"]) == ("scheduled", 0)
    assert datetime.fromisoformat(launched.json["nextAt"]) == datetime.fromisoformat(launched.json["nextRuns"][0])
    assert ready.plan_messages() == 0


def test_a_changed_expression_gives_a_scheduled_campaign_another_next_run(call: Any, ready: Any) -> None:
    schedule = {"startAt": "2031-03-17T00:00:00Z"}
    created = create(call, ready.campaign(**WEEKLY, schedule=schedule, status="scheduled")).json
    daily = ready.campaign(type="recurring", recurring={"cron": "0 7 * * *"}, schedule=schedule)
    changed = call("campaigns", "update_campaign", path={"campaign_id": created["id"]}, body=daily).json
    assert (changed["status"], changed["nextRuns"][0]) == ("scheduled", "2031-03-17T07:00:00Z")
    assert changed["nextAt"] == "2031-03-17T07:00:00Z"


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("0 9 * *", "a cron expression has 5 fields (minute, hour, day-of-month, month, day-of-week), not 4"),
        ("61 9 * * *", "minute: '61' is not understood"),
        ("0 9 * * FUN", "day-of-week: 'FUN' is not understood"),
        ("0 9 30 2 *", "this never comes: no month it names has such a day"),
        ("", "a cron expression has 5 fields"),
    ],
)
def test_an_expression_that_makes_no_sense_is_refused_with_the_reason(
    call: Any, ready: Any, cron: str, reason: str
) -> None:
    refused = create(call, ready.campaign(type="recurring", recurring={"cron": cron}))
    assert refused.status == 400
    [error] = refused.json["errors"]
    assert error["field"] == "body.recurring.cron"
    assert error["message"].startswith(reason)


def test_a_recurring_campaign_that_would_never_run_is_refused(call: Any, ready: Any) -> None:
    schedule = {"startAt": "2031-03-18T00:00:00Z", "endAt": "2031-03-20T00:00:00Z"}
    refused = create(call, ready.campaign(**WEEKLY, schedule=schedule, status="scheduled"))
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "body.recurring.cron")
    assert "it would never run" in refused.json["detail"]


def test_each_recipients_own_hour_begins_where_the_day_begins(call: Any, ready: Any) -> None:
    schedule = {"startAt": "2031-07-01T09:00:00", **BERLIN, "recipientTime": True, "pastZones": "skip"}
    created = create(call, ready.campaign(schedule=schedule, status="scheduled")).json
    assert created["nextRuns"] == ["2031-07-01T09:00:00+02:00"]
    assert datetime.fromisoformat(created["nextAt"]) == datetime(2031, 6, 30, 19, 0, tzinfo=UTC)
    assert created["schedule"]["pastZones"] == "skip"


def test_a_drip_campaign_keeps_its_steps_and_runs_on(call: Any, ready: Any, drip: Any) -> None:
    created = create(call, {**drip, "reentry": {"after": "P90D"}, "status": "running"})
    assert created.status == 201
    view = created.json
    assert (view["status"], view["run"], view["liveRuns"], view["nextRuns"]) == ("running", 1, [1], [])
    assert [(each["id"], each["delay"], each["sendWindow"]) for each in view["steps"]] == [
        ("hello", "PT0S", None),
        ("tips", "P2D", None),
    ]
    assert view["goal"] == {"event": "click", "where": None}
    assert view["exitOn"] == ["goal", "reply", "unsubscribe"]
    assert view["reentry"] == {"after": "P90D", "most": 20}
    assert ready.plan_messages() == 16


def test_a_milestone_of_a_date_is_looked_at_every_day(call: Any, ready: Any) -> None:
    milestone = {"type": "date", "attribute": "birthday", "anniversary": True, "at": "08:00"}
    schedule = {"startAt": "2031-07-01T00:00:00", **BERLIN}
    body = ready.campaign(type="milestone", milestone=milestone, schedule=schedule, status="running")
    created = create(call, body)
    assert (created.status, created.json["status"]) == (201, "scheduled")
    assert created.json["nextRuns"][:2] == ["2031-07-01T08:00:00+02:00", "2031-07-02T08:00:00+02:00"]
    assert created.json["milestone"] == {**milestone, "offsetDays": 0}


def test_a_running_campaign_keeps_its_steps(call: Any, drip: Any) -> None:
    running = create(call, {**drip, "status": "running"}).json
    fewer = {**drip, "steps": drip["steps"][:1]}
    refused = call("campaigns", "update_campaign", path={"campaign_id": running["id"]}, body=fewer)
    assert (refused.status, refused.json["errors"]) == (
        422,
        [{"field": "body.steps", "message": "a campaign that is running keeps its steps"}],
    )


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"recurring": {"cron": "0 9 * * *"}}, "body.recurring", "type recurring, not one-shot"),
        ({"goal": CLICK}, "body.goal", "type drip or milestone, not one-shot"),
        ({"exitOn": ["reply"]}, "body.exitOn", "type drip or milestone, not one-shot"),
        ({"type": "drip"}, "body.templateId", "type one-shot, recurring or milestone, not drip"),
        ({**WEEKLY, "reentry": {"after": "P1D"}}, "body.reentry", "type drip, not recurring"),
        (
            {"type": "milestone", "schedule": {"recipientTime": True}},
            "body.schedule.recipientTime",
            "type one-shot or recurring, not milestone",
        ),
        ({"experiment": {"variants": [A, {**B, "share": 51}]}}, "body.experiment.variants", "more than 100"),
        ({"experiment": {"variants": [A, A]}}, "body.experiment.variants.1.id", "is taken by an earlier variant"),
        ({"experiment": {"variants": [A, {**B, "id": "winner"}]}}, "body.experiment.variants.1.id", "called winner"),
        (
            {"experiment": {"variants": [A, {**B, "delay": "PT2H"}], "decideAfter": "PT1H"}},
            "body.experiment.decideAfter",
            "before the last variant has gone out",
        ),
        (
            {"schedule": {"startAt": "2031-07-02T00:00:00Z", "endAt": "2031-07-01T00:00:00Z"}},
            "body.schedule.endAt",
            "endAt must be after startAt",
        ),
        ({"channels": ["email", "email"]}, "body.channels", "names a channel twice"),
        ({"audience": {"type": "static", "contactIds": []}}, "body.audienceId", "not both"),
    ],
)
def test_what_contradicts_a_campaign_is_refused_naming_the_field(
    call: Any, ready: Any, fields: dict[str, Any], field: str, reason: str
) -> None:
    refused = create(call, ready.campaign(**fields))
    assert refused.status == 400
    [error] = refused.json["errors"]
    assert error["field"] == field
    assert reason in error["message"]


def test_steps_with_one_id_or_beside_a_template_are_refused(call: Any, ready: Any, drip: Any) -> None:
    twice = create(call, {**drip, "steps": [step(ready), step(ready)]})
    assert twice.json["errors"] == [
        {"field": "body.steps.1.id", "message": "the id 'hello' is taken by an earlier step"}
    ]
    milestone = {"type": "milestone", "milestone": {"type": "count", "of": "opens", "reaches": 3}}
    both = create(call, ready.campaign(**milestone, steps=[step(ready)]))
    assert both.json["errors"] == [{"field": "body.templateId", "message": "give templateId or steps, not both"}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "recurring"}, "body.recurring.cron"),
        ({"type": "milestone"}, "body.milestone"),
        ({"type": "drip", "templateId": None}, "body.steps"),
        (
            {"type": "drip", "templateId": None, "steps": [{"id": "a", "templateId": "01J00000000000000000000000"}]},
            "body.steps.0.templateId",
        ),
        (
            {"experiment": {"variants": [A, {**B, "templateId": "01J00000000000000000000000"}]}},
            "body.experiment.variants.1.templateId",
        ),
    ],
)
def test_a_type_is_not_launched_without_what_makes_it_one(
    call: Any, ready: Any, fields: dict[str, Any], field: str
) -> None:
    refused = create(call, ready.campaign(**fields, status="running"))
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)
    assert ready.plan_messages() == 0
