"""The suppression list over the API."""

from typing import Any

import pytest

from clarion import keys
from clarion.edge import cursor_of
from clarion.storage.table import Table
from tests.routes.conftest import ACME, GLOBEX, STRANGER, VIEWER


@pytest.fixture
def suppressed(table: Table) -> None:
    for org, channel, address in [
        (ACME, "email", "ann@example.com"),
        (ACME, "email", "bob@example.com"),
        (ACME, "sms", "+49301"),
        (GLOBEX, "email", "dan@example.com"),
    ]:
        row = {"address": address, "channel": channel, "reason": "unsubscribed", "source": "page", "campaign": "k"}
        table.put({**keys.suppression(org, channel, address), **row, "created_at": "2026-11-21T09:00:00.000Z"})


def addresses(answer: Any) -> list[str]:
    return [item["address"] for item in answer.json["items"]]


def test_a_channels_suppressed_addresses_are_listed_page_by_page(call: Any, suppressed: None) -> None:
    first = call("contacts", "list_suppressions", query={"limit": "1"}, user=VIEWER)
    assert first.json["items"] == [
        {
            "address": "ann@example.com",
            "channel": "email",
            "reason": "unsubscribed",
            "source": "page",
            "campaignId": "k",
            "contactId": None,
            "importId": None,
            "createdBy": None,
            "note": None,
            "before": None,
            "createdAt": "2026-11-21T09:00:00Z",
        }
    ]
    second = call("contacts", "list_suppressions", query={"cursor": first.json["next"]})
    assert addresses(second) == ["bob@example.com"]
    assert addresses(call("contacts", "list_suppressions", query={"channel": "sms"})) == ["+49301"]


def test_another_organisation_sees_its_own_list_alone(call: Any, suppressed: None) -> None:
    assert addresses(call("contacts", "list_suppressions", user=STRANGER)) == ["dan@example.com"]


def test_only_members_may_ask(call: Any, suppressed: None) -> None:
    assert call("contacts", "list_suppressions", user=STRANGER, org=ACME).status == 403
    assert call("contacts", "list_suppressions", user=None).status == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"channel": "fax"}, "query.channel"),
        ({"cursor": "e30"}, "query.cursor"),
        ({"cursor": cursor_of({"address": "x" * 1017}) or ""}, "query.cursor"),
        ({"cursor": cursor_of({"address": "\ud800"}) or ""}, "query.cursor"),
    ],
)
def test_a_bad_query_is_refused_by_field(call: Any, suppressed: None, query: dict[str, str], field: str) -> None:
    answer = call("contacts", "list_suppressions", query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
