from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from clarion import keys
from clarion.hot.urls import TrackingUrls
from functions.tracking.record_open import handler
from tests.routes.tracking.conftest import CAMPAIGN, CONTACT, forged, request, tracking_urls

Rows = Callable[[str], list[dict[str, Any]]]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_open_is_recorded_and_the_picture_shown(urls: TrackingUrls, rows: Rows, lines: Lines, method: str) -> None:
    answer = handler(request(urls.open(CONTACT), method), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "image/gif"
    assert answer["headers"]["Cache-Control"].startswith("no-store")
    assert answer["isBase64Encoded"] is True
    assert len(b64decode(answer["body"])) == 43
    (event,) = rows("EVENT#")
    assert event["kind"] == "open"
    assert event["source"] == "pixel"
    assert event["msg"] == keys.message_sk(CAMPAIGN, 1, "1", "email")
    assert (event["ua"], event["ip"], event["method"]) == ("Mozilla/5.0 (X11)", "192.0.2.7", method)
    assert lines() == [
        {"level": "INFO", "route": "record_open", "result": "recorded", "campaign": CAMPAIGN, "contact": CONTACT}
    ]


def test_every_open_is_an_event_of_its_own(urls: TrackingUrls, rows: Rows) -> None:
    for _ in range(3):
        handler(request(urls.open(CONTACT)), None)
    assert len(rows("EVENT#")) == 3


def test_a_forged_token_gets_the_very_same_picture_and_leaves_no_event(
    urls: TrackingUrls, rows: Rows, lines: Lines
) -> None:
    genuine = handler(request(urls.open(CONTACT)), None)
    lines()
    for url in [*forged(urls.open(CONTACT)), urls.click(CONTACT, 0).replace("link/click", "email/open")]:
        assert handler(request(url), None) == genuine
    assert len(rows("EVENT#")) == 1
    assert {str(line) for line in lines()} == {"{'level': 'INFO', 'route': 'record_open', 'result': 'refused'}"}


def test_an_event_without_anything_gets_the_picture(rows: Rows) -> None:
    assert handler({}, None)["statusCode"] == 200
    assert rows("EVENT#") == []


def test_a_failed_write_still_shows_the_picture_and_is_logged_once(
    urls: TrackingUrls, lines: Lines, failing: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    genuine = handler(request(urls.open(CONTACT)), None)
    assert lines() == [], "the log is silent while all is well"
    failing("PutItem")
    assert handler(request(urls.open(CONTACT)), None) == genuine
    (line,) = lines()
    assert (line["level"], line["result"]) == ("ERROR", "Unreachable")


def test_an_open_of_another_secret_is_not_recorded(rows: Rows) -> None:
    handler(request(tracking_urls(secret="vutsrqponmlkjihgfedcba9876543210").open(CONTACT)), None)
    assert rows("EVENT#") == []
