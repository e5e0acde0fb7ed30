import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from clarion import keys
from clarion.hot.urls import TrackingUrls
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


def test_a_suppression_for_another_reason_stays(urls: TrackingUrls, rows: Rows, table: Table) -> None:
    bounced = {**keys.suppression(ORG, "email", ADDRESS), "address": ADDRESS, "reason": "hard bounce"}
    table.put(bounced)
    assert post(urls.unsubscribe(CONTACT))["statusCode"] == 200
    assert rows("ADDRESS#", SUPPRESSIONS) == [bounced]
    assert [event["kind"] for event in rows("EVENT#")] == ["unsubscribe"]


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
