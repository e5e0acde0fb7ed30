"""POST /crm/marketing/campaigns"""

from typing import Any

import pytest

from tests.routes.conftest import ACME, EDITOR, GLOBEX, STRANGER, VIEWER


def create(call: Any, body: Any, **how: Any) -> Any:
    return call("campaigns", "create_campaign", body=body, **how)


def test_a_draft_is_kept_with_every_field(call: Any, ready: Any) -> None:
    fields = {
        "description": "Leaves",
        "brand": "Shop",
        "budget": {"amount": "1200.50", "currency": "EUR"},
        "sender": {"email": "a@shop.example", "name": "Shop", "replyTo": "b@shop.example"},
        "schedule": {"startAt": "2031-07-01T09:00:00", "timezone": "Europe/Riga"},
    }
    created = create(call, ready.campaign(**fields), user=EDITOR)
    assert created.status == 201
    assert created.headers["etag"] == '"1"'
    view = created.json
    assert view["status"] == "draft"
    assert view["owner"] == EDITOR
    assert view["type"] == "one-shot"
    assert view["budget"] == {"amount": "1200.50", "currency": "EUR"}
    assert view["schedule"] == {
        "startAt": "2031-07-01T09:00:00+03:00",
        "endAt": None,
        "timezone": "Europe/Riga",
        "recipientTime": False,
        "pastZones": "send",
    }
    assert view["nextRuns"] == ["2031-07-01T09:00:00+03:00"]
    assert (view["nextAt"], view["liveRuns"], view["run"], view["missed"]) == (None, [], 0, 0)
    assert {name: view[name] for name in ("description", "brand", "sender")} == {
        name: fields[name] for name in ("description", "brand", "sender")
    }
    assert call("campaigns", "get_campaign", path={"campaign_id": view["id"]}).json == {**view, "recipients": None}
    assert ready.plan_messages() == 0


def test_running_without_a_schedule_launches_now(call: Any, ready: Any) -> None:
    created = create(call, ready.campaign(status="running"))
    assert created.status == 201
    assert created.json["status"] == "running"
    assert ready.plan_messages() == 16
    seen = call("campaigns", "get_campaign", path={"campaign_id": created.json["id"]})
    assert seen.json["recipients"] == {
        "audience": 0,
        "pending": 0,
        "sent": 0,
        "skipped": {},
        "failed": 0,
        "rejected": 0,
        "renderFailed": 0,
        "unknown": 0,
        "planned": False,
    }


def test_an_audience_inline_needs_none_saved(call: Any, ready: Any) -> None:
    inline = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"city": "Riga"}}}
    created = create(call, ready.campaign(audienceId=None, audience=inline, status="running"))
    assert (created.status, created.json["audience"]) == (201, inline)


@pytest.mark.parametrize("status", ["running", "scheduled"])
def test_a_schedule_waits_for_its_time(call: Any, ready: Any, status: str) -> None:
    body = ready.campaign(status=status, schedule={"startAt": "2031-07-01T09:00:00Z"})
    assert create(call, body).json["status"] == "scheduled"
    assert ready.plan_messages() == 0


@pytest.mark.parametrize(
    ("change", "field", "detail"),
    [
        ({"channels": []}, "body.channels", "choose a channel"),
        ({"audienceId": None}, "body.audienceId", "choose an audience"),
        ({"audienceId": "01J00000000000000000000000"}, "body.audienceId", "no audience"),
        ({"templateId": None}, "body.templateId", "choose a template"),
        ({"templateId": "01J00000000000000000000000"}, "body.templateId", "no template"),
        ({"schedule": {"startAt": "2020-01-01T00:00:00Z"}}, "body.schedule.startAt", "must be in the future"),
        ({"status": "scheduled"}, "body.schedule.startAt", "say when"),
        ({"sender": {"email": "ceo@victim.example"}}, "body.sender.email", "does not send from 'victim.example'"),
        ({"status": "completed"}, "body.status", "cannot be created completed"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_and_nothing_is_kept(
    call: Any, ready: Any, change: dict[str, Any], field: str, detail: str
) -> None:
    refused = create(call, ready.campaign(**{"status": "running", **change}))
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == field
    assert detail in refused.json["detail"]
    assert call("campaigns", "list_campaigns").json["items"] == []
    assert ready.plan_messages() == 0


def test_a_variants_subject_that_does_not_compile_is_refused_naming_it(call: Any, ready: Any) -> None:
    variants = [{"id": "a", "share": 50, "subject": "Hello"}, {"id": "b", "share": 50, "subject": "{{ broken"}]
    refused = create(call, ready.campaign(status="running", experiment={"variants": variants}))
    assert refused.status == 400
    assert refused.json["errors"][0]["field"] == "body.experiment.variants.1.subject"


def test_without_a_connected_channel_a_draft_is_kept_and_its_launch_refused(
    call: Any, ready: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_CHANNEL", "")
    draft = create(call, ready.campaign(channels=["sms"], status="running"))
    assert (draft.status, draft.json["status"]) == (201, "draft")
    assert draft.json["statusReason"] == "the channel 'sms' is not connected"
    refused = call("campaigns", "launch_campaign", path={"campaign_id": draft.json["id"]})
    assert (refused.status, refused.json["detail"]) == (422, "the channel 'sms' is not connected")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": "x", "colour": "red"}, "body.colour"),
        ({"name": "x", "channels": ["fax"]}, "body.channels.0"),
        ({"name": "x", "schedule": {"endAt": "soon"}}, "body.schedule.endAt"),
        ({"name": "x", "schedule": {"pastZones": "wait"}}, "body.schedule.pastZones"),
        ({"name": "x", "holdOut": 91}, "body.holdOut"),
        ({"name": "x", "expireAfter": "P401D"}, "body.expireAfter"),
        ({"name": "x", "schedule": {"startAt": 1e12}}, "body.schedule.startAt"),
        (
            {"name": "x", "schedule": {"startAt": "9999-12-31T23:59:59", "timezone": "America/New_York"}},
            "body.schedule.startAt",
        ),
        ({"name": "x\ny"}, "body.name"),
        ({"name": "x", "sender": {"email": "garbage"}}, "body.sender.email"),
        ({"name": "x", "sender": {"email": "a@shop.example\r\nBcc: b@c.example"}}, "body.sender.email"),
        ({"name": "x", "sender": {"email": "a@shop.example", "name": "x" * 257}}, "body.sender.name"),
        ({"name": "x", "sender": {"email": "a@shop.example", "replyTo": "nobody"}}, "body.sender.replyTo"),
        (
            {
                "name": "x",
                "audience": {"type": "dynamic", "filter": {"datatype": "contact", "where": {"a": {"$no": 1}}}},
            },
            "body.audience.filter.where.a.$no",
        ),
        ({"name": "x", "type": "drip", "goal": {"where": {"a": {"$no": 1}}}}, "body.goal.where.a.$no"),
    ],
)
def test_a_bad_body_is_refused_naming_the_field(call: Any, ready: Any, body: Any, field: str) -> None:
    refused = create(call, body)
    assert refused.status == 400
    assert refused.json["errors"][0]["field"] == field


def test_a_viewer_may_not_create(call: Any, ready: Any) -> None:
    assert create(call, ready.campaign(), user=VIEWER).status == 403


def test_another_organisations_template_and_audience_do_not_exist(call: Any, ready: Any) -> None:
    refused = create(call, ready.campaign(status="running"), user=STRANGER, org=GLOBEX)
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == "body.audienceId"


def test_a_repeated_launch_with_its_key_launches_once(call: Any, ready: Any) -> None:
    key = {"idempotency-key": "launch-1"}
    first = create(call, ready.campaign(status="running"), headers=key)
    again = create(call, ready.campaign(status="running"), headers=key)
    assert again.json == first.json
    assert ready.plan_messages() == 16
    assert len(call("campaigns", "list_campaigns", org=ACME).json["items"]) == 1
