"""X's webhooks: whether they are X's, the proof it asks for, and what they tell."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.channels.x_events import events_of
from clarion.channels.x_signature import crc_answer, is_xs
from clarion.domain.social_events import PostReaction
from clarion.domain.vendor_events import MalformedEvent, Skipped
from tests.shared_data import shared_root

SAMPLE = json.loads(shared_root("webhooks/x_webhook_crc.json").read_text())
BODY, SIGNATURE = SAMPLE["raw_body"].encode(), SAMPLE["x-twitter-webhooks-signature"]
SECRET, US, THEM = SAMPLE["consumer_secret"], {"id_str": "2244994945"}, {"id_str": "5"}
AT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


def test_the_sample_is_xs_and_holds_nothing():
    assert is_xs(["the next one", SECRET], BODY, SIGNATURE)
    assert events_of(BODY) == []


def test_the_hourly_challenge_is_answered():
    assert crc_answer({"crc_token": SAMPLE["crc_token"], "nonce": "n"}, SECRET) == SAMPLE["response_token"]


@pytest.mark.parametrize("token", [SAMPLE["raw_body"], " {}", "", "\u00e9", "a\x00", "a" * 513])
def test_nobody_gets_a_request_signed_by_asking_for_its_challenge(token):
    assert crc_answer({"crc_token": token}, SECRET) is None
    assert crc_answer({}, SECRET) is None


@pytest.mark.parametrize(("body", "header", "secret"), [
    (BODY + b" ", SIGNATURE, SECRET), (BODY, SIGNATURE, "another"), (BODY, "", SECRET), (BODY, "sha256=", SECRET),
    (BODY, SIGNATURE.removeprefix("sha256="), SECRET), (BODY, "sha256=é", SECRET),
])  # fmt: skip
def test_whatever_was_changed_is_not(body, header, secret):
    assert not is_xs([secret], body, header)
    assert not is_xs([], BODY, SIGNATURE)


def told(**events: Any) -> bytes:
    return json.dumps({"for_user_id": US["id_str"], **events}).encode()


def post(**changes: Any) -> dict[str, Any]:
    return {"id_str": "71", "created_at": "Sat Nov 21 15:00:00 +0100 2026", "text": "Hm", "user": THEM} | changes


def like(**changes: Any) -> dict[str, Any]:
    return {"id": "f1", "timestamp_ms": 1_795_269_600_000, "favorited_status": {"id_str": "70", "user": US}} | changes


OURS = {"id_str": "70", "user": US}


@pytest.mark.parametrize(("events", "kind", "ident", "text"), [
    ({"favorite_events": [like()]}, "like", "f1", ""),
    ({"tweet_create_events": [post(retweeted_status=OURS)]}, "share", "71", ""),
    ({"tweet_create_events": [post(quoted_status=OURS)]}, "share", "71", ""),
    ({"tweet_create_events": [post(in_reply_to_user_id_str=US["id_str"], in_reply_to_status_id_str="70")]},
     "comment", "71", "Hm"),
])  # fmt: skip
def test_what_others_do_with_our_posts_is_ours_to_count(events, kind, ident, text):
    assert events_of(told(**events)) == [PostReaction("x", US["id_str"], "70", kind, True, AT, ident, text)]


@pytest.mark.parametrize("events", [
    {"favorite_events": [like(favorited_status={"id_str": "70", "user": THEM})]},
    {"tweet_create_events": [post(user=US)]},
    {"tweet_create_events": [post()]},
    {"tweet_create_events": [post(quoted_status={"id_str": "1", "user": THEM})]},
    {"follow_events": [{}]},
])  # fmt: skip
def test_what_is_nothing_to_count_is_skipped(events):
    assert [type(event) for event in events_of(told(**events))] == [Skipped]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"for_user_id": null}', b"\xff"])
def test_what_is_no_request_of_xs_is_malformed(body):
    with pytest.raises(MalformedEvent):
        events_of(body)


@pytest.mark.parametrize(("kind", "event"), [
    ("favorite_events", {}), ("favorite_events", like(id=None)), ("favorite_events", 1),
    ("favorite_events", like(timestamp_ms=1e30)),
    ("tweet_create_events", post(retweeted_status=OURS, created_at="x")),
])  # fmt: skip
def test_what_is_not_as_documented_is_skipped_alone(kind, event):
    good = {"favorite_events": like(), "tweet_create_events": post(retweeted_status=OURS)}[kind]
    [read, skipped] = events_of(told(**{kind: [good, event]}))
    assert isinstance(read, PostReaction)
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("unreadable ")
