"""GET /crm/marketing/campaigns/{campaign_id}/recipients"""

import base64
import json
from typing import Any

import pytest

from clarion import keys
from clarion.storage.table import Table
from tests.routes.conftest import ACME, STRANGER, VIEWER


@pytest.fixture
def campaign(call: Any, ready: Any) -> str:
    """A launched campaign of Acme."""
    return str(call("campaigns", "create_campaign", body=ready.campaign(status="running")).json["id"])


DUE = "2026-11-21T09:00:00.000Z"


def batch(
    table: Table,
    campaign: str,
    shard: int,
    sequence: int,
    outcomes: list[list[str] | None],
    *,
    run: int = 1,
    **fields: str,
) -> list[str]:
    """A row of the ledger as the workers write it (None: no result yet); its contact ids."""
    contacts = [f"contact-{shard}-{sequence}-{index}" for index in range(len(outcomes))]
    results = {index: outcome for index, outcome in enumerate(outcomes) if outcome}
    row = {"contacts": contacts, "state": "done", "due_at": DUE, "attempts": 1, "moves": 1, **fields}
    if results:
        row["results"] = json.dumps(results)
    table.put({**keys.batch(ACME, campaign, run, shard, sequence, 0), **row})
    return contacts


def recipients(call: Any, campaign: str, user: str | None = None, **query: str) -> Any:
    who = {"user": user} if user else {}
    return call("campaigns", "list_recipients", path={"campaign_id": campaign}, query=query, **who)


def every_page(call: Any, campaign: str, **query: str) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = recipients(call, campaign, **query, **cursor)
        assert answer.status == 200
        pages.append(answer.json["items"])
        if answer.json["next"] is None:
            return pages
        cursor = {"cursor": answer.json["next"]}


def ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [item["contactId"] for page in pages for item in page]


def test_each_recipient_is_listed_with_what_it_got_and_why(call: Any, campaign: str, table: Table) -> None:
    [sent, broken, skipped, waiting] = batch(
        table,
        campaign,
        7,
        0,
        [["sent", "ses-1"], ["render_failed", "html, line 3: 'name' is undefined"], ["skipped.no_consent", ""], None],
    )
    answer = recipients(call, campaign, user=VIEWER)
    assert answer.status == 200
    same = {"outlet": None, "step": "1", "variant": None, "timezone": None, "dueAt": None}
    assert answer.json == {
        "items": [
            {"contactId": sent, "outcome": "sent", "detail": "ses-1", **same},
            {"contactId": broken, "outcome": "render_failed", "detail": "html, line 3: 'name' is undefined", **same},
            {"contactId": skipped, "outcome": "skipped.no_consent", "detail": None, **same},
            {"contactId": waiting, "outcome": "pending", "detail": None, **same, "dueAt": "2026-11-21T09:00:00Z"},
        ],
        "next": None,
    }


def test_a_recipient_has_its_variant_and_the_zone_that_times_its_message(
    call: Any, campaign: str, table: Table
) -> None:
    batch(table, campaign, 0, 0, [["sent", "id"]], variant="b", zone="Europe/Berlin")
    [item] = recipients(call, campaign).json["items"]
    assert (item["variant"], item["timezone"]) == ("b", "Europe/Berlin")


def test_an_earlier_run_is_listed_when_it_is_asked_for(call: Any, campaign: str, table: Table) -> None:
    [first] = batch(table, campaign, 0, 0, [["sent", "id"]])
    for key in (keys.run, keys.run_plan):
        table.put({**table.get(key(ACME, campaign, 1)), **key(ACME, campaign, 2)})  # type: ignore[dict-item]
    batch(table, campaign, 0, 1, [["sent", "id"]], run=2)
    assert ids(every_page(call, campaign, run="1")) == [first]
    assert ids(every_page(call, campaign, run="2")) == ["contact-0-1-0"]
    assert recipients(call, campaign, run="3").status == 404


def test_the_run_by_a_channel_is_listed_when_it_is_asked_for(call: Any, campaign: str, table: Table) -> None:
    [only] = batch(table, campaign, 0, 0, [["sent", "id"]])
    assert ids(every_page(call, campaign, channel="email")) == [only]
    assert recipients(call, campaign, channel="sms").status == 404
    assert recipients(call, campaign, channel="fax").json["errors"][0]["field"] == "query.channel"


@pytest.mark.parametrize("run", ["0", "-1", "10000", "latest"])
def test_what_is_no_number_of_a_run_is_refused_naming_the_field(call: Any, campaign: str, run: str) -> None:
    answer = recipients(call, campaign, run=run)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "query.run")


@pytest.mark.parametrize("limit", ["1", "3", "50", "200"])
def test_pages_name_every_recipient_once_whatever_their_size(
    call: Any, campaign: str, table: Table, limit: str
) -> None:
    wanted = []
    for shard, sequence, size in ((0, 0, 2), (0, 1, 5), (3, 0, 1), (3, 999_999, 4), (15, 0, 3)):
        wanted += batch(table, campaign, shard, sequence, [["sent", "id"]] * size)
    pages = every_page(call, campaign, limit=limit)
    assert ids(pages) == wanted
    assert max(map(len, pages)) <= int(limit)


@pytest.mark.parametrize(("outcome", "wanted"), [
    ("skipped", ["skipped.expired", "skipped.no_consent"]),
    ("skipped.expired", ["skipped.expired"]),
    ("render_failed", ["render_failed"]),
    ("failed", ["failed"]),
    ("pending", ["pending"]),
    ("unknown", []),
])  # fmt: skip
def test_only_the_outcome_asked_for(call: Any, campaign: str, table: Table, outcome: str, wanted: list[str]) -> None:
    codes = ["sent", "skipped.expired", "render_failed", "failed", "skipped.no_consent"]
    batch(table, campaign, 2, 0, [*([code, ""] for code in codes), None])
    pages = every_page(call, campaign, outcome=outcome)
    assert [item["outcome"] for page in pages for item in page] == wanted


def test_a_page_reads_forty_batches_at_most_and_says_where_to_go_on(call: Any, campaign: str, table: Table) -> None:
    for sequence in range(45):
        batch(table, campaign, 4, sequence, [["sent", "id"]])
    [wanted] = batch(table, campaign, 4, 45, [["render_failed", "why"]])
    pages = every_page(call, campaign, outcome="render_failed")
    assert [len(page) for page in pages] == [0, 1]
    assert ids(pages) == [wanted]


def test_a_campaign_never_launched_has_none(call: Any, ready: Any) -> None:
    draft = call("campaigns", "create_campaign", body=ready.campaign()).json["id"]
    answer = recipients(call, draft)
    assert (answer.status, answer.json) == (200, {"items": [], "next": None})


def test_another_organisation_sees_no_such_campaign(call: Any, campaign: str, table: Table) -> None:
    batch(table, campaign, 0, 0, [["sent", "id"]])
    assert recipients(call, campaign, user=STRANGER).status == 404


@pytest.mark.parametrize("outcome", ["opened", "skipped.", "Sent", "sent "])
def test_an_unknown_outcome_is_refused_naming_the_field(call: Any, campaign: str, outcome: str) -> None:
    answer = recipients(call, campaign, outcome=outcome)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "query.outcome")


@pytest.mark.parametrize("position", [
    {}, {"shard": 0, "sequence": 0, "offset": 0}, {"shard": 16, "sequence": 0, "step": 0, "offset": 0},
    {"shard": 0, "sequence": -1, "step": 0, "offset": 0}, {"shard": 0, "sequence": 0, "step": 21, "offset": 0},
    {"shard": 0, "sequence": 0, "step": 0, "offset": 50}, {"shard": "0", "sequence": 0, "step": 0, "offset": 0},
    {"shard": True, "sequence": 0, "step": 0, "offset": 0},
    {"shard": 0, "sequence": 0, "step": 0, "offset": 0, "run": 1},
])  # fmt: skip
def test_a_cursor_of_another_list_is_refused(call: Any, campaign: str, position: dict[str, Any]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
    answer = recipients(call, campaign, cursor=cursor)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "query.cursor")
