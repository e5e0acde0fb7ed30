from collections.abc import Callable
from typing import Any

import pytest

from clarion import keys
from clarion.hot.urls import TrackingUrls
from clarion.storage.table import Table
from functions.tracking.follow_link import handler
from tests.routes.tracking.conftest import (
    CAMPAIGN,
    CONTACT,
    ORG,
    OTHER_CAMPAIGN,
    OTHER_ORG,
    URLS,
    forged,
    request,
    tracking_urls,
)

Rows = Callable[..., list[dict[str, Any]]]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_click_is_recorded_and_led_to_its_destination(
    urls: TrackingUrls, rows: Rows, lines: Lines, method: str
) -> None:
    answer = handler(request(urls.click(CONTACT, 0), method), None)
    assert answer["statusCode"] == 302
    assert answer["headers"]["Location"] == URLS[0]
    assert answer["headers"]["Referrer-Policy"] == "no-referrer"
    assert answer["headers"]["Cache-Control"].startswith("no-store")
    (event,) = rows("EVENT#")
    assert (event["kind"], event["source"], event["link"], event["method"]) == ("click", "link", 0, method)
    (line,) = lines()
    assert line["result"] == "recorded"
    assert URLS[0] not in str(line)


def test_a_destination_beyond_ascii_is_encoded(urls: TrackingUrls, table: Table) -> None:
    answer = handler(request(urls.click(CONTACT, 1)), None)
    assert answer["headers"]["Location"] == "https://example.com/%C3%A9"


def test_a_forged_token_is_a_page_and_never_a_redirect(urls: TrackingUrls, rows: Rows) -> None:
    for url in [*forged(urls.click(CONTACT, 0)), urls.open(CONTACT).replace("email/open", "link/click")]:
        answer = handler(request(url), None)
        assert answer["statusCode"] == 404, url
        assert "Location" not in answer["headers"]
        assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert rows("EVENT#") == []


def test_no_parameter_can_name_a_destination(urls: TrackingUrls, table: Table) -> None:
    evil = "&url=https://evil.example&redirect=https://evil.example"
    assert handler(request(urls.click(CONTACT, 0) + evil), None)["headers"]["Location"] == URLS[0]


@pytest.mark.parametrize("link", [2, 3, 65_535])
def test_a_link_the_message_does_not_have_or_that_is_no_web_address_is_a_page(
    urls: TrackingUrls, rows: Rows, link: int
) -> None:
    assert handler(request(urls.click(CONTACT, link)), None)["statusCode"] == 404
    assert rows("EVENT#") == []


def test_a_run_without_links_is_a_page(table: Table) -> None:
    assert handler(request(tracking_urls(run=9).click(CONTACT, 0)), None)["statusCode"] == 404


def test_an_organisations_token_does_not_reach_anothers_campaign(table: Table, rows: Rows) -> None:
    """Even a token that is genuine for (organisation, foreign campaign) finds no link table there."""
    mixed = tracking_urls(org=ORG, campaign=OTHER_CAMPAIGN)
    assert handler(request(mixed.click(CONTACT, 0)), None)["statusCode"] == 404
    own = tracking_urls().click(CONTACT, 0)
    assert handler(request(own.replace(CAMPAIGN, OTHER_CAMPAIGN)), None)["statusCode"] == 404
    assert rows("EVENT#") == rows("EVENT#", keys.person_pk(OTHER_ORG, CONTACT)) == []
    assert handler(request(tracking_urls(OTHER_ORG, OTHER_CAMPAIGN).click(CONTACT, 0)), None)["statusCode"] == 302
    assert rows("EVENT#") == []
    assert len(rows("EVENT#", keys.person_pk(OTHER_ORG, CONTACT))) == 1


def test_a_failed_write_still_leads_on_and_is_logged_once(
    urls: TrackingUrls, lines: Lines, failing: Callable[[str], None]
) -> None:
    failing("PutItem")
    assert handler(request(urls.click(CONTACT, 0)), None)["headers"]["Location"] == URLS[0]
    (line,) = lines()
    assert (line["level"], line["result"]) == ("ERROR", "Unreachable")


def test_a_failed_read_asks_to_try_again(urls: TrackingUrls, lines: Lines, failing: Callable[[str], None]) -> None:
    failing("GetItem")
    answer = handler(request(urls.click(CONTACT, 0)), None)
    assert answer["statusCode"] == 503
    assert "Location" not in answer["headers"]
    (line,) = lines()
    assert line["level"] == "ERROR"
