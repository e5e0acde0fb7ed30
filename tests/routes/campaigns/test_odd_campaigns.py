"""Whatever stands in a campaign's post or advertisement is taken, or refused by the name of its field."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.test_ses_events_malformed import paths

CONSOLE = {"platform": "console", "profile": "console"}
PUBLISHED: dict[str, Any] = {
    "social": {
        "profiles": [CONSOLE],
        "text": "Hi",
        "link": "https://shop.example/a",
        "linkTitle": "Shop",
        "media": [{"url": "https://shop.example/a.png", "contentType": "image/png", "altText": "Boots"}],
    },
    "ads": {
        "accounts": [CONSOLE],
        "url": "https://shop.example/",
        "headlines": ["Boots", "Shoes", "Socks"],
        "descriptions": ["For rain", "For snow"],
        "countries": ["DE"],
        "advertiser": "Acme",
        "dailyBudget": {"amount": "5.00", "currency": "EUR"},
        "keywords": ["boots"],
        "imageUrl": "https://shop.example/a.png",
        "specialCategories": [],
        "uploadAudience": False,
    },
}
ODD: list[Any] = [
    None, True, 0, -1, 1e308, 10**400, "", " ", "7", "\x00", "\u2028", "x" * 50_000, [], {}, [None], [[[]]],
    "https://", "https://[", "https://a b/", "https://a.example:99999/", "https://user:pw@a.example/", "javascript:0",
    "1E+5000", "NaN", "Infinity", "0.001", "0001-01-01T00:00:00+14:00",
]  # fmt: skip
NO_JSON = ['"\\ud800"', "NaN", "1e999", "9" * 5_000, "[" * 100_000]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(list(paths(PUBLISHED))), odd=st.sampled_from(ODD) | st.text() | st.integers())
def test_an_odd_value_is_taken_or_refused_by_name(
    call: Any, ready: Any, monkeypatch: pytest.MonkeyPatch, path: tuple[Any, ...], odd: Any
) -> None:
    monkeypatch.setenv("DEVELOPMENT_CHANNELS", "console")
    body = ready.campaign(channels=["social", "ads"], status="running", **json.loads(json.dumps(PUBLISHED)))
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    answer = call("campaigns", "create_campaign", body=body)
    assert answer.status in (201, 400, 422)
    if answer.status != 201:
        # A list or an object that lacks something is told by what it lacks.
        assert answer.json["errors"][0]["field"].startswith(f"body.{path[0]}")


@pytest.mark.parametrize("odd", NO_JSON, ids=lambda odd: odd[:8])
def test_what_is_no_json_is_told_as_that(call: Any, ready: Any, odd: str) -> None:
    body = json.dumps(ready.campaign(social={"text": "?"})).replace('"?"', odd)
    refused = call("campaigns", "create_campaign", raw_body=body)
    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "body")
