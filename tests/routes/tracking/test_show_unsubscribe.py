from collections.abc import Callable
from typing import Any

import pytest

from clarion import keys
from clarion.hot.urls import TrackingUrls
from functions.tracking.show_unsubscribe import handler
from tests.routes.tracking.conftest import CONTACT, ORG, forged, request

Rows = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_offers_to_unsubscribe_and_does_nothing(urls: TrackingUrls, rows: Rows, method: str) -> None:
    answer = handler(request(urls.unsubscribe(CONTACT), method), None)
    assert answer["statusCode"] == 200
    assert '<form method="post" action="">' in answer["body"]
    assert answer["headers"]["Cache-Control"].startswith("no-store")
    assert "frame-ancestors 'none'" in answer["headers"]["Content-Security-Policy"]
    assert answer["headers"]["Referrer-Policy"] == "no-referrer"
    assert rows("ADDRESS#", keys.suppressions_pk(ORG, "email")) == []
    assert rows("EVENT#") == []


def test_a_forged_token_is_a_page_without_a_form(urls: TrackingUrls, rows: Rows) -> None:
    for url in [*forged(urls.unsubscribe(CONTACT)), urls.open(CONTACT).replace("open", "unsubscribe")]:
        answer = handler(request(url), None)
        assert answer["statusCode"] == 404, url
        assert "<form" not in answer["body"]


def test_one_line_is_logged_and_none_in_production(
    urls: TrackingUrls, rows: Rows, lines: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler(request(urls.unsubscribe(CONTACT)), None)
    assert [line["result"] for line in lines()] == ["shown"]
    for quiet in ("WARN", "ERROR", ""):
        monkeypatch.setenv("LOG_LEVEL", quiet)
        handler(request(urls.unsubscribe(CONTACT)), None)
        assert lines() == []
