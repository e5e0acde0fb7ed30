"""What Meta tells of posts."""

import json
from typing import Any

import pytest

from clarion.storage.table import Table
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import ACME, GLOBEX, Answered
from tests.routes.webhooks.social import ask, connect, digest, publish, replies, to_be_read_soon
from tests.shared_data import shared_root

FEED = json.loads(shared_root("webhooks/meta_page_feed_reaction.json").read_text())
LEAD = json.loads(shared_root("webhooks/meta_page_leadgen.json").read_text())
SECRET = FEED["app_secret"]
PAGE, POST = "1067280970047460", "1067280970047460_1067280970047461"
REFUSED = "not a request of a platform that is connected here"


@pytest.fixture
def posts(table: Table, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Moto, with the platforms' secrets."""
    run_inserts(monkeypatch)
    monkeypatch.setenv("SECRETS_PREFIX", "clarion/test")
    return table


def feed(*changes: dict[str, Any], page: str = PAGE) -> str:
    """What readers of the page did: one change for each."""
    value = {"from": {"id": "5"}, "post_id": POST, "verb": "add", "created_time": 1_795_251_600}
    told = [{"field": "feed", "value": {**value, **change}} for change in changes]
    return json.dumps({"object": "page", "entry": [{"id": page, "time": 1_795_251_700, "changes": told}]})


COMMENT = {"item": "comment", "comment_id": f"{POST}_7", "message": "Lovely \u2764"}


def tell(body: str, org: str = ACME, secret: str = SECRET) -> Answered:
    return ask("receive_meta_events", org, body=body, x_hub_signature_256=f"sha256={digest(body, secret).hex()}")


def test_a_comment_is_a_reply_to_the_post_and_its_figures_are_read_soon(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    assert tell(feed(COMMENT)).status == 200
    [reply] = replies(posts, post)
    assert (reply["kind"], reply["text"], reply["source"]) == ("reply", "Lovely \u2764", "facebook")
    assert reply["at"] == "2026-11-21T09:00:00.000Z"
    assert to_be_read_soon(posts, post)


def test_the_same_told_again_is_kept_once(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    assert [tell(feed(COMMENT)).status for _ in range(2)] == [200, 200]
    assert len(replies(posts, post)) == 1
    assert tell(feed(COMMENT, {**COMMENT, "comment_id": f"{POST}_8", "message": "Me too"})).status == 200
    assert len(replies(posts, post)) == 2


@pytest.mark.parametrize("change", [
    {"item": "reaction"}, {"item": "share"}, {"item": "reaction", "verb": "remove"}, {**COMMENT, "verb": "remove"},
])  # fmt: skip
def test_other_reactions_and_what_is_taken_back_have_the_figures_read_alone(posts: Table, change: Any) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    assert tell(feed(change)).status == 200
    assert replies(posts, post) == []
    assert to_be_read_soon(posts, post)


def test_a_long_comment_is_cut(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    tell(feed({**COMMENT, "message": "a" * 1_001}))
    assert replies(posts, post)[0]["text"] == "a" * 1_000


def test_a_comment_on_instagram_is_kept_once_though_it_is_told_at_another_time_again(posts: Table) -> None:
    connect("instagram", "178", clientSecret=SECRET)
    post = publish(posts, "instagram", "178", "900")
    value = {"id": "17865", "text": "Nice", "media": {"id": "900", "media_product_type": "FEED"}, "from": {"id": "5"}}
    for time in (1_795_251_600, 1_795_255_200):
        entry = {"id": "178", "time": time, "changes": [{"field": "comments", "value": value}]}
        assert tell(json.dumps({"object": "instagram", "entry": [entry]})).status == 200
    assert [(reply["text"], reply["at"]) for reply in replies(posts, post)] == [("Nice", "2026-11-21T09:00:00.000Z")]


@pytest.mark.parametrize("app", ["facebook", "instagram", "meta-ads"])
def test_any_of_the_apps_may_have_signed(posts: Table, app: str) -> None:
    for platform in ("facebook", "instagram", "meta-ads"):
        profiles = [PAGE] if platform == "facebook" else []
        connect(platform, *profiles, clientSecret=SECRET if platform == app else f"of {platform}")
    post = publish(posts, "facebook", PAGE, POST)
    assert tell(feed(COMMENT)).status == 200
    assert len(replies(posts, post)) == 1


def test_the_samples_tell_nothing_to_keep(posts: Table) -> None:
    """The page's own reaction, and a lead's form."""
    connect("facebook", PAGE, "153125381133", clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    signature = FEED["headers"]["X-Hub-Signature-256"]
    sample = ask("receive_meta_events", body=FEED["raw_body"], x_hub_signature_256=signature)
    assert sample.status == 200
    assert tell(json.dumps(LEAD["payload"])).status == 200
    assert replies(posts, post) == []
    assert not to_be_read_soon(posts, post)


def test_unknown_fields_and_events_are_passed_over_and_the_rest_is_kept(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    told = json.loads(feed({"item": "poll"}, {**COMMENT, "post_id": None}, {**COMMENT, "brand_new": [1]}))
    told["entry"][0] |= {"messaging": [{}], "uid": 1}
    told["entry"].insert(0, {"id": "9", "time": 1, "changes": [{"field": "brand_new", "value": 1}]})
    assert tell(json.dumps({**told, "brand_new": {}})).status == 200
    assert len(replies(posts, post)) == 1


def test_posts_of_other_profiles_and_of_no_campaign_are_passed_over(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    stray = publish(posts, "facebook", "42", "42_1")
    ours = publish(posts, "facebook", PAGE, POST)
    assert tell(feed({**COMMENT, "post_id": "42_1"}, page="42")).status == 200
    assert tell(feed({**COMMENT, "post_id": "42_1"})).status == 200
    assert tell(feed({**COMMENT, "post_id": f"{PAGE}_1"})).status == 200
    assert [replies(posts, stray), replies(posts, ours)] == [[], []]
    assert not to_be_read_soon(posts, stray)


def test_another_organisations_post_is_not_touched(posts: Table) -> None:
    """Both use one app, and connected the same page."""
    for org in (ACME, GLOBEX):
        connect("facebook", PAGE, org=org, clientSecret=SECRET)
    theirs = publish(posts, "facebook", PAGE, POST, org=GLOBEX)
    assert tell(feed(COMMENT)).status == 200
    assert replies(posts, theirs) == []
    assert not to_be_read_soon(posts, theirs)
    assert tell(feed(COMMENT), org=GLOBEX).status == 200
    assert len(replies(posts, theirs)) == 1


@pytest.mark.parametrize(
    "case", ["signature", "no signature", "organisation", "platform", "disconnecting", "credentials"]
)
def test_whatever_is_wrong_is_refused_alike_and_nothing_is_kept(posts: Table, case: str) -> None:
    if case != "platform":
        status = "disconnecting" if case == "disconnecting" else "connected"
        connect("facebook", PAGE, status=status, clientSecret="" if case == "credentials" else SECRET)
    post = publish(posts, "facebook", PAGE, POST)
    body, org = feed(COMMENT), GLOBEX if case == "organisation" else ACME
    secret = {"signature": "another", "credentials": ""}.get(case, SECRET)
    answer = ask("receive_meta_events", org, body=body) if case == "no signature" else tell(body, org, secret)
    assert (answer.status, answer.json["detail"]) == (403, REFUSED)
    assert replies(posts, post) == []


def test_what_is_signed_but_no_request_of_metas_is_a_bad_request(posts: Table) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    answer = tell("no JSON")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "body")


def test_what_cannot_be_kept_is_to_be_told_again(posts: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("facebook", PAGE, clientSecret=SECRET)
    post = publish(posts, "facebook", PAGE, POST)

    def broken(*_: object) -> list[bool]:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Table, "insert_absent", broken)
        assert tell(feed(COMMENT)).status == 500
    assert tell(feed(COMMENT)).status == 200
    assert len(replies(posts, post)) == 1
    assert to_be_read_soon(posts, post)


# --- the handshake


def handshake(org: str = ACME, **changes: str) -> Answered:
    query = {"hub.mode": "subscribe", "hub.verify_token": "a-word-of-our-own", "hub.challenge": "1158201444"}
    return ask("answer_meta_challenge", org, query={**query, **{f"hub.{name}": each for name, each in changes.items()}})


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
def test_a_subscription_is_answered_with_its_challenge(posts: Table, platform: str) -> None:
    connect(platform, clientSecret=SECRET, webhookVerifyToken="a-word-of-our-own")
    answer = handshake()
    assert (answer.status, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_wrong_word_another_mode_and_another_organisation_are_refused_alike(posts: Table) -> None:
    connect("facebook", clientSecret=SECRET, webhookVerifyToken="a-word-of-our-own")
    connect("facebook", org=GLOBEX, clientSecret=SECRET)
    refused = [
        handshake(verify_token="another"),
        handshake(verify_token=""),
        handshake(mode="unsubscribe"),
        handshake(GLOBEX),
        handshake("01J00000000000000000000XXX"),
    ]
    assert {(answer.status, answer.json["detail"]) for answer in refused} == {(403, REFUSED)}
