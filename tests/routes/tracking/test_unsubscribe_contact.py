import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from clarion import keys
from clarion.hot import wiring
from clarion.hot.table import HotTable
from clarion.hot.urls import TrackingUrls
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.table import Table
from functions.tracking.unsubscribe_contact import handler
from tests.routes.tracking.conftest import CAMPAIGN, CONTACT, ORG, OTHER_CAMPAIGN, forged, request, tracking_urls

Rows = Callable[..., list[dict[str, Any]]]
Lines = Callable[[], list[dict[str, Any]]]

ADDRESS = f"ann@{ORG.lower()}.example"
SUPPRESSIONS = keys.suppressions_pk(ORG, "email")
FORM = "application/x-www-form-urlencoded"
MULTIPART = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


def post(url: str, body: str = "List-Unsubscribe=One-Click", kind: str = FORM, **more: Any) -> dict[str, Any]:
    return handler(request(url, "POST", headers={"content-type": kind}, body=body, **more), None)


@pytest.mark.parametrize(
    ("body", "kind", "encoded"),
    [
        ("List-Unsubscribe=One-Click", FORM, False),
        (b64encode(b"List-Unsubscribe=One-Click").decode(), FORM, True),
        (MULTIPART, "multipart/form-data; boundary=b", False),
        (b64encode(MULTIPART.encode()).decode(), 'multipart/form-data; boundary="b"', True),
    ],
)
def test_one_click_suppresses_the_address_and_records_it(
    urls: TrackingUrls, rows: Rows, lines: Lines, body: str, kind: str, encoded: bool
) -> None:
    answer = post(urls.unsubscribe(CONTACT), body, kind, isBase64Encoded=encoded)
    assert answer["statusCode"] == 200
    assert "Location" not in answer["headers"]
    (event,) = rows("EVENT#")
    assert (event["kind"], event["source"], event["method"]) == ("unsubscribe", "one-click", "POST")
    assert event["msg"] == keys.message_sk(CAMPAIGN, 1, "1", "email")
    assert rows("ADDRESS#", SUPPRESSIONS) == [
        {
            **keys.suppression(ORG, "email", ADDRESS),
            "address": ADDRESS,
            "channel": "email",
            "reason": "unsubscribed",
            "source": "one-click",
            "campaign": CAMPAIGN,
            "contact": CONTACT,
            "created_at": event["at"],
        }
    ]
    (line,) = lines()
    assert line["result"] == "suppressed, one-click"
    assert ADDRESS not in str(line)


def test_the_pages_own_form_is_answered_by_a_page(urls: TrackingUrls, rows: Rows) -> None:
    answer = post(urls.unsubscribe(CONTACT), "confirm=unsubscribe")
    assert answer["statusCode"] == 200
    assert "You are unsubscribed" in answer["body"]
    assert [event["source"] for event in rows("EVENT#")] == ["page"]
    assert [row["source"] for row in rows("ADDRESS#", SUPPRESSIONS)] == ["page"]


def test_repeating_it_keeps_the_first_suppression_and_answers_alike(
    urls: TrackingUrls, rows: Rows, lines: Lines
) -> None:
    first = post(urls.unsubscribe(CONTACT))
    (kept,) = rows("ADDRESS#", SUPPRESSIONS)
    assert post(urls.unsubscribe(CONTACT)) == first
    assert post(urls.unsubscribe(CONTACT), "confirm=unsubscribe")["statusCode"] == 200
    assert rows("ADDRESS#", SUPPRESSIONS) == [kept]
    assert len(rows("EVENT#")) == 3
    assert [line["result"].partition(",")[0] for line in lines()] == ["suppressed"] + ["suppressed before"] * 2


def listed(table: Table, reason: str) -> dict[str, Any]:
    """The address is on the list, for that reason."""
    said = {"address": ADDRESS, "channel": "email", "reason": reason, "import_row": 7, "import_id": "i"}
    item = {**said, "created_at": "2026-11-20T09:00:00.000Z"}
    table.put({**keys.suppression(ORG, "email", ADDRESS), **item})
    return item


@pytest.mark.parametrize("reason", ["complaint", "opt_out", "unsubscribed"])
def test_what_the_recipient_said_before_stays(urls: TrackingUrls, rows: Rows, table: Table, reason: str) -> None:
    listed(table, reason)
    there = rows("ADDRESS#", SUPPRESSIONS)
    assert post(urls.unsubscribe(CONTACT))["statusCode"] == 200
    assert rows("ADDRESS#", SUPPRESSIONS) == there
    assert [event["kind"] for event in rows("EVENT#")] == ["unsubscribe"]


@pytest.mark.parametrize("reason", ["manual", "hard_bounce", "import"])
def test_what_others_said_gives_way_and_is_kept_with_it(
    urls: TrackingUrls, rows: Rows, lines: Lines, table: Table, reason: str
) -> None:
    there = listed(table, reason)
    assert [post(urls.unsubscribe(CONTACT))["statusCode"] for _ in range(2)] == [200, 200]
    [found] = rows("ADDRESS#", SUPPRESSIONS)
    assert (found["reason"], found["source"], found["before"]) == ("unsubscribed", "one-click", there)
    known = SuppressionTable(table).find(ORG, "email", ADDRESS)
    assert known is not None
    assert known.before is not None
    assert (known.before.reason, known.before.import_row) == (reason, 7)
    assert [event["kind"] for event in rows("EVENT#")] == ["unsubscribe"] * 2
    assert [line["result"] for line in lines()] == ["suppressed, one-click", "suppressed before, one-click"]


class Changing:
    """The real database, in which somebody else changes the suppression before each of the first writes."""

    def __init__(self, *changes: Callable[[], Any]) -> None:
        self._changes = list(changes)

    def call(self, operation: str, payload: Any) -> dict[str, Any]:
        if operation == "TransactWriteItems" and self._changes:
            self._changes.pop(0)()
        return wiring.database().call(operation, payload)


@pytest.mark.parametrize(("changes", "status"), [(2, 200), (3, 503)])
def test_a_list_that_somebody_else_changes_meanwhile_is_looked_at_again(
    urls: TrackingUrls, rows: Rows, table: Table, monkeypatch: pytest.MonkeyPatch, changes: int, status: int
) -> None:
    others = [lambda: listed(table, "manual"), lambda: listed(table, "import"), lambda: listed(table, "hard_bounce")]
    monkeypatch.setattr(wiring, "table", lambda: HotTable(Changing(*others[:changes]), "tracking-test"))
    assert post(urls.unsubscribe(CONTACT))["statusCode"] == status
    [found] = rows("ADDRESS#", SUPPRESSIONS)
    assert found["reason"] == ("unsubscribed" if status == 200 else "hard_bounce")
    assert len(rows("EVENT#")) == (1 if status == 200 else 0)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", ""])
def test_nothing_but_a_post_unsubscribes(urls: TrackingUrls, rows: Rows, method: str) -> None:
    body = "List-Unsubscribe=One-Click"
    event = request(urls.unsubscribe(CONTACT), method, headers={"content-type": FORM}, body=body)
    assert handler(event, None)["statusCode"] == 400
    assert rows("EVENT#") == rows("ADDRESS#", SUPPRESSIONS) == []


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=Two-Click", "confirm=no", "a=b", "{}"])
def test_a_form_of_another_kind_is_refused(urls: TrackingUrls, rows: Rows, body: str) -> None:
    answer = post(urls.unsubscribe(CONTACT), body)
    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "bad_request"
    assert rows("EVENT#") == rows("ADDRESS#", SUPPRESSIONS) == []


def test_a_forged_token_changes_nothing(urls: TrackingUrls, rows: Rows) -> None:
    for url in [*forged(urls.unsubscribe(CONTACT)), urls.open(CONTACT).replace("open", "unsubscribe")]:
        assert post(url)["statusCode"] == 404, url
    assert rows("EVENT#") == rows("ADDRESS#", SUPPRESSIONS) == []


def test_an_organisations_token_does_not_reach_anothers_message(rows: Rows) -> None:
    mixed = tracking_urls(org=ORG, campaign=OTHER_CAMPAIGN)
    assert post(mixed.unsubscribe(CONTACT))["statusCode"] == 404
    assert rows("EVENT#") == rows("ADDRESS#", SUPPRESSIONS) == []


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_success_is_never_claimed_when_it_failed(
    urls: TrackingUrls, rows: Rows, lines: Lines, failing: Callable[[str], None], operation: str
) -> None:
    failing(operation)
    answer = post(urls.unsubscribe(CONTACT))
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "60"
    assert json.loads(answer["body"]) == {
        "status": 503,
        "code": "unavailable",
        "title": "Unavailable",
        "detail": "not unsubscribed yet, try again",
    }
    page = post(urls.unsubscribe(CONTACT), "confirm=unsubscribe")
    assert page["statusCode"] == 503
    assert "Please try again" in page["body"]
    assert rows("EVENT#") == rows("ADDRESS#", SUPPRESSIONS) == []
    assert [line["level"] for line in lines()] == ["ERROR"] * 2


def test_a_failed_event_of_a_repetition_is_not_claimed_either(
    urls: TrackingUrls, rows: Rows, failing: Callable[[str], None]
) -> None:
    post(urls.unsubscribe(CONTACT))
    failing("PutItem")
    assert post(urls.unsubscribe(CONTACT))["statusCode"] == 503
    assert len(rows("EVENT#")) == 1
