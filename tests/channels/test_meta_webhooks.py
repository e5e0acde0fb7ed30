"""Meta's webhooks: whether they are Meta's, and what they tell."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from clarion.channels.meta_events import events_of
from clarion.channels.meta_signature import challenge_of, is_metas
from clarion.domain.social_events import LeadFormFilled, PostReaction
from clarion.domain.vendor_events import MalformedEvent, Skipped
from tests.shared_data import shared_root

FEED = json.loads(shared_root("webhooks/meta_page_feed_reaction.json").read_text())
LEAD = json.loads(shared_root("webhooks/meta_page_leadgen.json").read_text())
BODY, SIGNATURE, SECRET = FEED["raw_body"].encode(), FEED["headers"]["X-Hub-Signature-256"], FEED["app_secret"]
PAGE, POST = "1067280970047460", "1067280970047460_1067280970047461"


def test_the_sample_is_metas():
    assert is_metas(["the next one", SECRET], BODY, SIGNATURE)


@pytest.mark.parametrize(("body", "header", "secret"), [
    (BODY + b" ", SIGNATURE, SECRET), (BODY, SIGNATURE, "another"), (BODY, "", SECRET), (BODY, SIGNATURE[7:], SECRET),
    (BODY, SIGNATURE[:-1] + "0", SECRET), (BODY, "sha256=é", SECRET),
    (json.dumps(json.loads(BODY), ensure_ascii=False).encode(), SIGNATURE, SECRET),
])  # fmt: skip
def test_whatever_was_changed_is_not(body, header, secret):
    assert not is_metas([secret], body, header)
    assert not is_metas([], BODY, SIGNATURE)


def test_a_subscription_is_answered_with_its_challenge():
    query = dict(parse_qsl(FEED["verification_get"]["query"]))
    assert challenge_of(query, "VT") == "1158201444"
    assert challenge_of(query, "another") is None
    assert challenge_of(query | {"hub.mode": "unsubscribe"}, "VT") is None
    assert challenge_of({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}, "") is None


def feed(**changes: Any) -> bytes:
    """A reader's reaction."""
    value = {"from": {"id": "5"}, "item": "reaction", "post_id": POST, "verb": "add", "created_time": 1_500_000_000}
    change = {"field": "feed", "value": value | changes}
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1_500_000_001, "changes": [change]}]}).encode()


def test_the_samples_are_the_pages_own_reaction_and_a_lead():
    assert events_of(BODY) == [Skipped("the page's own doing")]
    [lead] = events_of(json.dumps(LEAD["payload"]).encode())
    assert lead == LeadFormFilled(
        "facebook",
        "153125381133",
        "12312312312",
        "12312312312",
        datetime(2015, 8, 21, 1, 26, 24, tzinfo=UTC),
        "123123123123",
    )


@pytest.mark.parametrize(("changes", "kind", "added", "text"), [
    ({}, "like", True, ""), ({"verb": "remove"}, "like", False, ""),
    ({"item": "comment", "message": "Nice\ud83d"}, "comment", True, "Nice?"),
    ({"item": "share", "from": None}, "share", True, ""),
])  # fmt: skip
def test_a_readers_reaction_is_ours_to_count(changes, kind, added, text):
    [found] = events_of(feed(**changes))
    assert isinstance(found, PostReaction)
    assert (found.profile_id, found.post_id, found.kind, found.added, found.text) == (PAGE, POST, kind, added, text)
    assert found.at == datetime(2017, 7, 14, 2, 40, tzinfo=UTC)


def test_the_same_event_told_again_has_the_same_id_and_another_has_another():
    first, again, other = (events_of(feed(**changes))[0] for changes in ({}, {}, {"verb": "remove"}))
    assert isinstance(first, PostReaction)
    assert isinstance(other, PostReaction)
    assert first == again
    assert first.event_id != other.event_id


def test_a_comment_on_instagram():
    value = {"id": "17865", "text": "Lovely", "media": {"id": "900"}}
    entry = {"id": "178", "time": 1_500_000_000_000, "changes": [{"field": "comments", "value": value}]}
    [found] = events_of(json.dumps({"object": "instagram", "entry": [entry]}).encode())
    at = datetime(2017, 7, 14, 2, 40, tzinfo=UTC)
    assert found == PostReaction("instagram", "178", "900", "comment", True, at, "17865", "Lovely")


@pytest.mark.parametrize("body", [
    feed(item="status"), feed(verb="edited"), feed(item=None), b'{"object": "user", "entry": [{"changes": [{}]}]}',
    b'{"object": "page", "entry": [{"id": "1", "changes": [{"field": "ratings", "value": {}}]}]}',
])  # fmt: skip
def test_what_is_nothing_to_count_is_skipped(body):
    assert [type(event) for event in events_of(body)] == [Skipped]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"object": "page", "entry": 1}', b"\xff"])
def test_what_is_no_request_of_metas_is_malformed(body):
    with pytest.raises(MalformedEvent):
        events_of(body)


@pytest.mark.parametrize(("changes", "fault"), [
    ({"post_id": None}, "MalformedEvent"), ({"post_id": "\ud83d"}, "MalformedEvent"),
    ({"post_id": "1" * 201}, "MalformedEvent"), ({"post_id": True}, "MalformedEvent"),
    ({"created_time": "x"}, "TypeError"), ({"created_time": 1e30}, "OverflowError"),
])  # fmt: skip
def test_what_is_not_as_documented_is_skipped_alone(changes, fault):
    request = json.loads(feed())
    request["entry"][0]["changes"] += json.loads(feed(**changes))["entry"][0]["changes"]
    [read, skipped] = events_of(json.dumps(request).encode())
    assert isinstance(read, PostReaction)
    assert skipped == Skipped(f"unreadable {fault}")


def test_a_lead_without_a_name_is_skipped():
    entry = {"id": "1", "time": 1, "changes": [{"field": "leadgen", "value": {}}]}
    assert events_of(json.dumps({"object": "page", "entry": [entry]}).encode()) == [Skipped("unreadable KeyError")]


def test_what_an_account_answers_itself_on_instagram_is_no_reply():
    value = {"id": "17865", "text": "Thanks", "media": {"id": "900"}, "from": {"id": "178", "username": "acme"}}
    entry = {"id": "178", "time": 1_500_000_000, "changes": [{"field": "comments", "value": value}]}
    [found] = events_of(json.dumps({"object": "instagram", "entry": [entry]}).encode())
    assert found == Skipped("the account's own doing")
