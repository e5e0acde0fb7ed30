"""POST /crm/marketing/campaigns/{campaign_id}/retry-failed"""

from typing import Any

import pytest

from clarion import keys
from clarion.domain.run import RunId
from clarion.storage.runs import RunTable
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, GLOBEX, STRANGER, VIEWER


@pytest.fixture
def running(call: Any, ready: Any) -> dict[str, Any]:
    """A launched campaign of Acme."""
    kept: dict[str, Any] = call("campaigns", "create_campaign", body=ready.campaign(status="running")).json
    return kept


def outcomes(table: Table, campaign: dict[str, Any], **counts: int) -> None:
    """What workers counted in one shard."""
    counted = {f"n_{code}": n for code, n in counts.items()}
    shard = {"audience": sum(counts.values()), "sequence": 1, "batches": 1, "batches_done": 1, "planned": True}
    table.put({**keys.run_shard(ACME, campaign["id"], 1, 3), **shard, **counted})


def retry(call: Any, campaign: dict[str, Any], **how: Any) -> Any:
    return call("campaigns", "retry_failed", path={"campaign_id": campaign["id"]}, **how)


@pytest.mark.parametrize("code", ["failed", "render_failed"])
def test_the_latest_run_is_sent_again_to_those_whose_message_never_left(
    call: Any, ready: Any, table: Table, running: Any, code: str
) -> None:
    outcomes(table, running, sent=8, **{code: 2})
    again = retry(call, running, user=EDITOR)
    assert (again.status, again.json["status"], again.json["liveRuns"]) == (202, "running", [1])
    assert again.json["run"] == 1
    assert RunTable(table).get(RunId(ACME, running["id"], 1)).retries == 1
    assert ready.plan_messages() == 32


def test_what_may_have_left_or_was_refused_for_good_is_not_sent_again(
    call: Any, ready: Any, table: Table, running: Any
) -> None:
    outcomes(table, running, sent=8, unknown=1, rejected=1)
    refused = retry(call, running)
    assert (refused.status, refused.json["detail"]) == (422, "nobody's message failed in that run")
    assert ready.plan_messages() == 16


def test_a_campaign_that_never_ran_or_was_cancelled_has_nothing_to_retry(call: Any, ready: Any, running: Any) -> None:
    draft = call("campaigns", "create_campaign", body=ready.campaign()).json
    refused = retry(call, draft)
    assert (refused.status, refused.json["detail"]) == (422, "a campaign that is draft has nothing to retry")
    call("campaigns", "delete_campaign", path={"campaign_id": running["id"]})
    assert retry(call, running).status == 422


def test_another_organisations_campaign_does_not_exist(call: Any, table: Table, running: Any) -> None:
    outcomes(table, running, failed=2)
    assert retry(call, running, user=STRANGER, org=GLOBEX).status == 404
    assert RunTable(table).get(RunId(ACME, running["id"], 1)).retries == 0


def test_a_viewer_may_not_retry(call: Any, running: Any) -> None:
    assert retry(call, running, user=VIEWER).status == 403


def test_a_campaign_that_changed_meanwhile_is_left_alone(call: Any, table: Table, running: Any) -> None:
    outcomes(table, running, failed=2)
    assert retry(call, running, headers={"if-match": '"1"'}).status == 412
    assert retry(call, running, headers={"if-match": f'"{running["version"]}"'}).status == 202
