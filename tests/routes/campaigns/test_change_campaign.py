"""GET, PUT, DELETE /crm/marketing/campaigns/{campaign_id}, its launch, and the list."""

from typing import Any

import pytest

from tests.routes.conftest import EDITOR, GLOBEX, STRANGER, VIEWER

ONE = ["get_campaign", "update_campaign", "delete_campaign", "launch_campaign", "retry_failed"]


@pytest.fixture
def draft(call: Any, ready: Any) -> dict[str, Any]:
    kept: dict[str, Any] = call("campaigns", "create_campaign", body=ready.campaign()).json
    return kept


def change(call: Any, campaign: dict[str, Any], body: Any, **how: Any) -> Any:
    return call("campaigns", "update_campaign", path={"campaign_id": campaign["id"]}, body=body, **how)


@pytest.mark.parametrize("route", ONE)
def test_another_organisations_campaign_does_not_exist(call: Any, ready: Any, draft: Any, route: str) -> None:
    body = ready.campaign() if route == "update_campaign" else None
    path = {"campaign_id": draft["id"]}
    assert call("campaigns", route, path=path, body=body, user=STRANGER, org=GLOBEX).status == 404
    assert call("campaigns", "list_campaigns", user=STRANGER, org=GLOBEX).json == {"items": [], "next": None}
    assert call("campaigns", "get_campaign", path=path).json["version"] == draft["version"]


@pytest.mark.parametrize("route", ONE)
def test_an_id_that_is_none_is_not_found(call: Any, ready: Any, route: str) -> None:
    body = ready.campaign() if route == "update_campaign" else None
    assert call("campaigns", route, path={"campaign_id": "../etc"}, body=body).status == 404


def test_a_viewer_reads_and_changes_nothing(call: Any, ready: Any, draft: Any) -> None:
    path = {"campaign_id": draft["id"]}
    assert call("campaigns", "get_campaign", path=path, user=VIEWER).status == 200
    assert call("campaigns", "list_campaigns", user=VIEWER).json["items"][0]["id"] == draft["id"]
    assert change(call, draft, ready.campaign(), user=VIEWER).status == 403
    assert call("campaigns", "launch_campaign", path=path, user=VIEWER).status == 403
    assert call("campaigns", "delete_campaign", path=path, user=VIEWER).status == 403
    assert call("campaigns", "delete_campaign", path=path, user=EDITOR).status == 403


def test_a_change_counts_the_version_up_and_a_lost_update_is_refused(call: Any, ready: Any, draft: Any) -> None:
    changed = change(call, draft, ready.campaign(name="Winter", version=1))
    assert (changed.status, changed.json["name"], changed.json["version"]) == (200, "Winter", 2)
    lost = change(call, draft, ready.campaign(name="Spring", version=1))
    assert (lost.status, lost.json["code"]) == (412, "stale")
    assert change(call, draft, ready.campaign(name="Spring"), headers={"if-match": '"1"'}).status == 412
    assert change(call, draft, ready.campaign(name="Spring"), headers={"if-match": '"2"'}).json["name"] == "Spring"


@pytest.mark.parametrize("route", ["delete_campaign", "launch_campaign"])
def test_deleting_and_launching_what_changed_meanwhile_is_refused(
    call: Any, ready: Any, draft: Any, route: str
) -> None:
    path = {"campaign_id": draft["id"]}
    change(call, draft, ready.campaign(name="Winter"))
    assert call("campaigns", route, path=path, headers={"if-match": '"1"'}).status == 412
    assert call("campaigns", "get_campaign", path=path).json["status"] == "draft"
    assert call("campaigns", route, path=path, headers={"if-match": '"2"'}).status in (202, 204)


def test_a_paused_campaign_is_not_launched_anew(call: Any, ready: Any) -> None:
    running = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    change(call, running, ready.campaign(status="paused"))
    refused = call("campaigns", "launch_campaign", path={"campaign_id": running["id"]})
    assert (refused.status, refused.json["detail"]) == (422, "a campaign that is paused cannot be launched")


def test_a_draft_without_a_channel_is_not_launched(call: Any, ready: Any) -> None:
    draft = call("campaigns", "create_campaign", body=ready.campaign(channels=None)).json
    launched = call("campaigns", "launch_campaign", path={"campaign_id": draft["id"]})
    for refused in (launched, change(call, draft, ready.campaign(channels=None, status="running"))):
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, "body.channels")


def test_a_bad_change_names_the_field(call: Any, ready: Any, draft: Any) -> None:
    refused = change(call, draft, ready.campaign(budget={"amount": "much"}))
    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "body.budget.amount")


def test_a_draft_launches_once(call: Any, ready: Any, draft: Any) -> None:
    path = {"campaign_id": draft["id"]}
    launched = call("campaigns", "launch_campaign", path=path, user=EDITOR)
    assert (launched.status, launched.json["status"]) == (202, "running")
    again = call("campaigns", "launch_campaign", path=path)
    assert (again.status, again.json["status"]) == (202, "running")
    assert ready.plan_messages() == 16


def test_a_running_campaign_keeps_what_it_sends_but_not_its_name(call: Any, ready: Any) -> None:
    running = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    assert change(call, running, ready.campaign(name="Winter")).json["name"] == "Winter"
    refused = change(call, running, ready.campaign(channels=["sms"]))
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "body.channels")


def test_pausing_resuming_and_cancelling(call: Any, ready: Any) -> None:
    running = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    for status in ("paused", "running", "paused", "cancelled"):
        moved = change(call, running, ready.campaign(status=status))
        assert (moved.status, moved.json["status"]) == (200, status)
    assert ready.plan_messages() == 32
    refused = change(call, running, ready.campaign(status="running"))
    assert refused.status == 422
    assert refused.json["detail"] == "a campaign that is cancelled cannot become running"


def test_nobody_declares_a_campaign_completed(call: Any, ready: Any) -> None:
    running = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    assert change(call, running, ready.campaign(status="completed")).status == 422


def test_a_scheduled_campaign_is_rescheduled_unscheduled_and_launched_early(call: Any, ready: Any) -> None:
    soon = {"startAt": "2031-01-01T00:00:00Z"}
    created = call("campaigns", "create_campaign", body=ready.campaign(status="scheduled", schedule=soon)).json
    later = {"startAt": "2032-01-01T00:00:00Z"}
    moved = change(call, created, ready.campaign(status="scheduled", schedule=later))
    assert moved.json["schedule"]["startAt"] == "2032-01-01T00:00:00Z"
    assert change(call, created, ready.campaign(status="draft")).json["status"] == "draft"
    change(call, created, ready.campaign(status="scheduled", schedule=later))
    early = call("campaigns", "launch_campaign", path={"campaign_id": created["id"]})
    assert early.json["status"] == "running"
    assert ready.plan_messages() == 16


def test_deleting_is_soft_and_stops_what_runs(call: Any, ready: Any) -> None:
    running = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    path = {"campaign_id": running["id"]}
    assert call("campaigns", "delete_campaign", path=path).status == 204
    assert call("campaigns", "delete_campaign", path=path).status == 204
    gone = call("campaigns", "get_campaign", path=path).json
    assert (gone["state"], gone["status"]) == ("deleted", "cancelled")
    assert call("campaigns", "list_campaigns").json["items"] == []
    assert change(call, running, ready.campaign(name="Again")).status == 422
    assert call("campaigns", "launch_campaign", path=path).status == 422


def test_the_list_pages_newest_first(call: Any, ready: Any) -> None:
    ids = [call("campaigns", "create_campaign", body=ready.campaign(name=f"c{n}")).json["id"] for n in range(5)]
    first = call("campaigns", "list_campaigns", query={"limit": "3"}).json
    rest = call("campaigns", "list_campaigns", query={"limit": "3", "cursor": first["next"]}).json
    assert [c["id"] for c in first["items"] + rest["items"]] == sorted(ids, reverse=True)
    assert rest["next"] is None


def test_deleted_campaigns_leave_no_holes_in_a_page(call: Any, ready: Any) -> None:
    ids = [call("campaigns", "create_campaign", body=ready.campaign(name=f"c{n}")).json["id"] for n in range(5)]
    for deleted in (ids[4], ids[2]):
        call("campaigns", "delete_campaign", path={"campaign_id": deleted})
    page = call("campaigns", "list_campaigns", query={"limit": "2"}).json
    assert [campaign["id"] for campaign in page["items"]] == [ids[3], ids[1]]
    last = call("campaigns", "list_campaigns", query={"limit": "2", "cursor": page["next"]}).json
    assert [campaign["id"] for campaign in last["items"]] == [ids[0]]
    assert "audience" not in last["items"][0]
