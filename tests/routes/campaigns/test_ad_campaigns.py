"""A campaign on ads by the API: refused while something is missing, else made at the development's account."""

import json
from typing import Any

import pytest

from clarion import wiring
from clarion.domain.run import BatchId, RunId
from clarion.keys import CONTACT_SHARDS
from tests.fakes.adverts import ADVERTISED, EVERYBODY
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME
from tests.routes.integrations.conftest import start_anew

ACCOUNT = {"platform": "console", "profile": "console"}


@pytest.fixture(autouse=True)
def _deployed(plan_messages: Any, people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose texts, posts and ads are lines on a console."""
    monkeypatch.setenv("DEVELOPMENT_CHANNELS", "console")
    run_inserts(monkeypatch)
    start_anew()


def advertise(call: Any, **ads: Any) -> Any:
    body = {
        "name": "Bells",
        "channels": ["ads"],
        "audience": EVERYBODY,
        "ads": {**ADVERTISED, "accounts": [ACCOUNT], **ads},
        "status": "running",
    }
    return call("campaigns", "create_campaign", body=body)


def work(campaign: str) -> None:
    """What the queues would have the workers do."""
    run_id = RunId(ACME, campaign, 1)
    for shard in range(CONTACT_SHARDS):
        wiring.planning().plan(run_id, shard, lambda: 100_000)
    for shard in range(CONTACT_SHARDS):
        for batch in wiring.batches().of_shard(run_id, shard):
            wiring.sending().send(BatchId(run_id, shard, batch.id.sequence), lambda: 100_000)


def shown(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("kind") in ("ad", "audience")]


def test_a_campaign_is_made_with_its_audience_and_its_clicks_are_ours(
    call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call("contacts", "create_contact", body={"email": "ann@example.com", "consent": {"email": "granted"}})
    call("contacts", "create_contact", body={"email": "bob@example.com"})
    launched = advertise(call, uploadAudience=True)
    assert launched.status == 201, launched.text
    campaign = launched.json["id"]
    work(campaign)
    audience, added, ad = shown(capsys)
    assert (audience["name"], added["added"]) == (f"Bells [{ad['id'].removeprefix('console-')}]", 1)
    assert (ad["status"], ad["audience"], ad["daily_budget"]) == ("paused", audience["id"], "12.50")
    assert ad["url"].startswith(f"http://127.0.0.1:8080/connect/automation/{campaign}/1/link/click/?t=")
    assert call("campaigns", "get_campaign", path={"campaign_id": campaign}).json["status"] == "completed"
    [published] = call("campaigns", "list_publications", path={"campaign_id": campaign}).json["items"]
    assert (published["outlet"]["platform"], published["state"], published["vendorId"]) == ("console", "live", ad["id"])


@pytest.mark.parametrize(
    ("lacking", "field"),
    [
        ({"url": None}, "body.ads.url"),
        ({"headlines": []}, "body.ads.headlines"),
        ({"dailyBudget": None}, "body.ads.dailyBudget"),
        ({"accounts": []}, "body.ads.accounts"),
    ],
)
def test_a_launch_is_refused_by_what_is_missing(call: Any, lacking: dict[str, Any], field: str) -> None:
    refused = advertise(call, **lacking)
    assert refused.status == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]


def test_a_budget_that_nobody_can_spend_is_malformed(call: Any) -> None:
    refused = advertise(call, dailyBudget={"amount": "0", "currency": "EUR"})
    assert refused.status == 400
    assert [error["field"] for error in refused.json["errors"]] == ["body.ads.dailyBudget"]
