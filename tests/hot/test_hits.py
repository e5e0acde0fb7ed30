import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import keys
from clarion.hot.hits import RETENTION_SECONDS, Hit, event_item
from clarion.hot.token import Ticket
from tests.shared_data import shared

MOMENT = datetime(2026, 11, 21, 9, 0, 0, 123_456, tzinfo=UTC)
TICKET = Ticket("01J8Z3K9X4M5N6P7Q8R9S0T1V2", "01J8Z3K9X4M5N6P7Q8R9S0T1V3", 2, "email", 5)
HIT = Hit("01J9ZZZZZZZZZZZZZZZZZZZZZZ", "1", "token", "GET", "Mozilla/5.0", "192.0.2.1")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.fixed_dictionaries(
    {},
    optional={
        "pathParameters": st.dictionaries(st.sampled_from(["campaign_id", "step_id"]), anything) | anything,
        "queryStringParameters": st.dictionaries(st.just("t"), anything) | anything,
        "requestContext": anything
        | st.fixed_dictionaries(
            {"http": anything | st.dictionaries(st.sampled_from(["method", "userAgent", "sourceIp"]), anything)}
        ),
    },
)


@pytest.mark.parametrize(
    ("sample", "method", "agent"),
    [
        ("aws-lambda-go/apigw-v2-request-no-authorizer.json", "GET", None),
        ("powertools-python/apiGatewayProxyV2Event_GET.json", "GET", "agent"),
        ("powertools-python/apiGatewayProxyV2Event.json", "POST", "agent"),
    ],
)
def test_amazons_sample_events_are_read(sample: str, method: str, agent: str | None) -> None:
    event = json.loads(shared(f"aws_events/{sample}").read_text())
    http = event["requestContext"]["http"]
    hit = Hit.of(event)
    assert (hit.method, hit.ip, hit.token) == (method, http["sourceIp"], "")
    assert hit.user_agent == (agent or http["userAgent"])


def test_path_and_token_are_taken_as_they_are() -> None:
    hit = Hit.of({"pathParameters": {"campaign_id": "k", "step_id": "1"}, "queryStringParameters": {"t": "a,b"}})
    assert hit == Hit("k", "1", "a,b", "", "", "")


@given(events)
def test_no_event_is_so_strange_that_it_raises(event: dict[str, Any]) -> None:
    hit = Hit.of(event)
    assert all(isinstance(part, str) for part in hit)
    for text, limit in ((hit.user_agent, 256), (hit.ip, 45), (hit.method, 16 * 3)):  # "ß".upper() grows
        assert len(text) <= limit
        assert text.isprintable()
        text.encode()


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        ("a\r\nb\x00c\x1b[31m", "a  b c [31m"),
        ("x" * 300, "x" * 256),
        ("\ud800ok", "ok"),
        ("\u202etxt", "txt"),
        ("", ""),
    ],
)
def test_a_user_agent_is_cut_and_rid_of_control_characters(agent: str, kept: str) -> None:
    assert Hit.of({"requestContext": {"http": {"userAgent": agent}}}).user_agent == kept


def test_a_click_becomes_an_event_of_its_message() -> None:
    item = event_item("click", "link", TICKET, HIT, MOMENT)
    pk, sk, event_id = item["pk"], str(item["sk"]), str(item["sk"]).rpartition("#")[2]
    assert {"pk": pk, "sk": sk} == keys.event(TICKET.org, TICKET.contact, "2026-11-21T09:00:00.123Z", event_id)
    assert {name: value for name, value in item.items() if name not in ("pk", "sk")} == {
        "kind": "click",
        "msg": "MSG#01J9ZZZZZZZZZZZZZZZZZZZZZZ#0002#1#email",
        "at": "2026-11-21T09:00:00.123Z",
        "source": "link",
        "link": 5,
        "method": "GET",
        "ua": "Mozilla/5.0",
        "ip": "192.0.2.1",
        "expires_at": int(MOMENT.timestamp()) + RETENTION_SECONDS,
    }


def test_an_open_has_no_link_and_what_is_unknown_is_left_out() -> None:
    item = event_item("open", "pixel", TICKET, HIT._replace(user_agent="", ip=""), MOMENT)
    assert item.keys() == {"pk", "sk", "kind", "msg", "at", "source", "method", "expires_at"}


def test_two_events_of_one_moment_have_different_keys() -> None:
    first, second = (event_item("open", "pixel", TICKET, HIT, MOMENT)["sk"] for _ in range(2))
    assert first != second


def test_events_are_kept_four_hundred_days() -> None:
    assert RETENTION_SECONDS == 34_560_000
