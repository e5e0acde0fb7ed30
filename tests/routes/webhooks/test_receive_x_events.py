"""What X tells of posts."""

import json
from base64 import b64encode
from typing import Any

import pytest

from clarion.storage.table import Table
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered
from tests.routes.webhooks.social import ask, connect, digest, publish, replies, to_be_read_soon
from tests.shared_data import shared_root

SAMPLE = json.loads(shared_root("webhooks/x_webhook_crc.json").read_text())
SECRET, US, POST = SAMPLE["consumer_secret"], "2244994945", "70"
REFUSED = "not a request of a platform that is connected here"


@pytest.fixture
def posts(table: Table, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Moto, with the platforms' secrets."""
    run_inserts(monkeypatch)
    monkeypatch.setenv("SECRETS_PREFIX", "clarion/test")
    return table


def tell(body: str, org: str = ACME, secret: str = SECRET) -> Answered:
    signature = f"sha256={b64encode(digest(body, secret)).decode()}"
    return ask("receive_x_events", org, body=body, x_twitter_webhooks_signature=signature)


def told(us: str = US, **events: Any) -> str:
    return json.dumps({"for_user_id": us, **events})


def answered(**changes: Any) -> dict[str, Any]:
    """Somebody's answer to our post."""
    post = {"id_str": "71", "created_at": "Sat Nov 21 10:00:00 +0100 2026", "text": "Hm", "user": {"id_str": "5"}}
    return {**post, "in_reply_to_user_id_str": US, "in_reply_to_status_id_str": POST, **changes}


LIKE = {"id": "f1", "timestamp_ms": 1_795_251_600_000, "favorited_status": {"id_str": POST, "user": {"id_str": US}}}


def test_an_answer_is_a_reply_to_the_post_once_and_its_figures_are_read_soon(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    post = publish(posts, "x", US, POST)
    assert [tell(told(tweet_create_events=[answered()])).status for _ in range(2)] == [200, 200]
    [reply] = replies(posts, post)
    assert (reply["kind"], reply["text"], reply["at"]) == ("reply", "Hm", "2026-11-21T09:00:00.000Z")
    assert to_be_read_soon(posts, post)


def test_a_like_has_the_figures_read_alone(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    post = publish(posts, "x", US, POST)
    assert tell(told(favorite_events=[LIKE], brand_new_events=[{}], brand_new={})).status == 200
    assert replies(posts, post) == []
    assert to_be_read_soon(posts, post)


def test_the_sample_tells_nothing(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    signature = SAMPLE["x-twitter-webhooks-signature"]
    answer = ask("receive_x_events", body=SAMPLE["raw_body"], x_twitter_webhooks_signature=signature)
    assert answer.status == 200


def test_another_organisations_post_is_not_touched(posts: Table) -> None:
    for org in (ACME, GLOBEX):
        connect("x", US, org=org, webhookSecret=SECRET)
    theirs = publish(posts, "x", US, POST, org=GLOBEX)
    assert tell(told(tweet_create_events=[answered()])).status == 200
    assert replies(posts, theirs) == []
    assert not to_be_read_soon(posts, theirs)


@pytest.mark.parametrize("case", ["signature", "organisation", "platform", "credentials"])
def test_whatever_is_wrong_is_refused_alike_and_nothing_is_kept(posts: Table, case: str) -> None:
    if case != "platform":
        connect("x", US, clientSecret=SECRET, **({} if case == "credentials" else {"webhookSecret": SECRET}))
    post = publish(posts, "x", US, POST)
    org, secret = GLOBEX if case == "organisation" else ACME, "another" if case == "signature" else SECRET
    answer = tell(told(tweet_create_events=[answered()]), org, secret)
    assert (answer.status, answer.json["detail"]) == (403, REFUSED)
    assert replies(posts, post) == []


# --- the handshake


def test_the_challenge_is_answered_as_json(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    answer = ask("answer_x_challenge", query={"crc_token": SAMPLE["crc_token"], "nonce": "n"})
    assert (answer.status, answer.json) == (200, {"response_token": SAMPLE["response_token"]})
    assert answer.headers["content-type"] == "application/json"


def test_no_challenge_an_unconnected_platform_and_another_organisation_are_refused_alike(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    connect("x", US, org=GLOBEX, clientSecret=SECRET)
    token = {"crc_token": SAMPLE["crc_token"]}
    refused = [
        ask("answer_x_challenge"),
        ask("answer_x_challenge", GLOBEX, query=token),
        ask("answer_x_challenge", "01J00000000000000000000XXX", query=token),
    ]
    assert {(answer.status, answer.json["detail"]) for answer in refused} == {(403, REFUSED)}


def test_nobody_gets_an_event_signed_by_asking_for_its_challenge(posts: Table) -> None:
    connect("x", US, webhookSecret=SECRET)
    assert ask("answer_x_challenge", query={"crc_token": told(tweet_create_events=[answered()])}).status == 403
