"""A Facebook page's posts within Meta's contract, and what Meta's answers mean."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from facebook_business.adobjects.page import Page

from clarion.channels.facebook_page import FacebookPageChannel
from clarion.channels.graph import Graph
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, PostChannel, PostMetrics
from tests.channels.posts import LINK, a_film, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.meta import facebook_page, meaning, sdk
from tests.contract_servers.server import Reply

PAGE = "1067280970047460"
FEED, PHOTOS, VIDEOS = (f"POST /v25.0/{PAGE}/{edge}" for edge in ("feed", "photos", "videos"))
POSTS = f"GET /v25.0/{PAGE}/published_posts"
MADE = Reply(200, body={"id": f"{PAGE}_77"})
TOKEN, SECRET = "page-token", "app-secret"


def channel(server: Dialogue) -> PostChannel:
    return FacebookPageChannel(Graph(TOKEN, SECRET, server.url, read_seconds=server.patience, now=lambda: 0.0))


def error(code: int, status: int = 400, **more: Any) -> Reply:
    return Reply(status, body={"error": {"message": f"(#{code}) no", "type": "OAuthException", "code": code, **more}})


def verdict(reply: Reply) -> Outcome:
    """Of the call that publishes, which is made once."""
    with Dialogue(facebook_page(), {FEED: reply}) as server:
        found = channel(server).publish(a_post())
        assert (server.problems, len(server.received)) == ([], 1)
    return found


def test_text_and_link_are_one_call_whose_token_is_proven_to_be_ours():
    assert verdict(MADE) == Accepted(f"{PAGE}_77")
    with Dialogue(facebook_page(), {FEED: MADE}) as server:
        channel(server).publish(a_post())
    [request] = server.received
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == {"message": ["Bells & whistles (new) 🎈"], "link": [LINK], "appsecret_proof": [proof]}


def test_the_same_post_of_metas_own_sdk_is_the_same_request():
    with Dialogue(facebook_page(), {FEED: MADE}) as server:
        channel(server).publish(a_post())
        Page(PAGE, api=sdk(server.url, TOKEN, SECRET)).create_feed(params={"message": a_post().text, "link": LINK})
        assert server.problems == []
    ours, theirs = server.calls(FEED)
    proof = ours.pop("appsecret_proof")
    assert ours == theirs
    assert f"appsecret_proof={proof[0]}" in server.received[1].path  # the SDK puts it into the query


def test_the_same_picture_and_film_of_metas_own_sdk_are_the_same_requests():
    words = f"{a_post().text}\n\n{LINK}"
    made = {PHOTOS: Reply(200, body={"id": "11"}), FEED: MADE, VIDEOS: Reply(200, body={"id": "99"})}
    with Dialogue(facebook_page(), made) as server:
        channel(server).publish(a_post(media=(an_image(),)))
        channel(server).publish(a_post(media=(a_film(),)))
        page = Page(PAGE, api=sdk(server.url, TOKEN, SECRET))
        page.create_photo(params={"url": an_image().url, "published": False, "alt_text_custom": "A bell"})
        page.create_feed(params={"message": words, "attached_media": [{"media_fbid": "11"}]})
        page.create_video(params={"file_url": a_film().url, "description": words})
        assert server.problems == []
    for name in (PHOTOS, FEED, VIDEOS):
        ours, theirs = (meaning(form) for form in server.calls(name))
        ours.pop("appsecret_proof")
        assert ours == theirs


def test_pictures_are_uploaded_unpublished_and_attached_with_the_link_in_the_text():
    photos = [Reply(200, body={"id": "11"}), Reply(200, body={"id": "12"})]
    with Dialogue(facebook_page(), {PHOTOS: photos, FEED: MADE}) as server:
        assert channel(server).publish(a_post(media=(an_image(), an_image(alt_text="")))) == Accepted(f"{PAGE}_77")
        assert server.problems == []
    first, second = server.calls(PHOTOS)
    assert (first["published"], first["alt_text_custom"], first["url"]) == (
        ["false"], ["A bell"], ["https://media.acme.example/a.png"],
    )  # fmt: skip
    assert "alt_text_custom" not in second
    [feed] = server.calls(FEED)
    assert json.loads(feed["attached_media"][0]) == [{"media_fbid": "11"}, {"media_fbid": "12"}]
    assert feed["message"] == [f"Bells & whistles (new) 🎈\n\n{LINK}"]
    assert "link" not in feed


def test_a_film_is_a_post_by_itself():
    with Dialogue(facebook_page(), {VIDEOS: Reply(200, body={"id": "99"})}) as server:
        assert channel(server).publish(a_post(media=(a_film(),))) == Accepted("99")
        assert server.problems == []
    [film] = server.calls(VIDEOS)
    assert film["file_url"] == ["https://media.acme.example/a.mp4"]


@pytest.mark.parametrize("media", [(a_film(), a_film()), (a_film(), an_image()), (an_image(),) * 11])
def test_media_no_page_takes_are_refused_before_any_call(media):
    with Dialogue(facebook_page()) as server:
        found = channel(server).publish(a_post(media=media))
        assert server.received == []
    assert isinstance(found, Rejected)


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(hang=True), error(2, 500), Reply(502), error(100)])
def test_a_picture_that_fails_has_published_nothing(reply):
    with Dialogue(facebook_page(), {PHOTOS: reply}) as server:
        found = channel(server).publish(a_post(media=(an_image(),)))
        assert (server.calls(FEED), len(server.received)) == ([], 1)
    assert isinstance(found, Retry | Rejected)


@pytest.mark.parametrize(("reply", "kind"), [
    (error(4, 400), Retry), (Reply(429, {"Retry-After": "7"}), Retry), (error(190, 401), Stop), (error(100), Rejected),
    (error(2, 503), Unknown), (Reply(502, body=b"<html>"), Unknown), (Reply(200, body=b"<html>"), Unknown),
    (Reply(200, body={}), Unknown), (Reply(drop=True), Unknown), (Reply(hang=True), Unknown),
])  # fmt: skip
def test_whatever_goes_wrong_has_its_outcome_and_is_never_repeated(reply, kind):
    assert isinstance(verdict(reply), kind)


def shown(**changes: Any) -> dict[str, Any]:
    return {"id": f"{PAGE}_5", "created_time": "2026-11-21T14:00:03+0000", "message": a_post().text, "attachments": {
        "data": [{"unshimmed_url": LINK}],
    }} | changes  # fmt: skip


def test_a_duplicate_has_been_published_already_and_is_found():
    answers: dict[str, Reply] = {
        FEED: error(506),
        POSTS: Reply(200, body={"data": [shown(id=f"{PAGE}_4", attachments={}), shown()]}),
    }
    with Dialogue(facebook_page(), answers) as server:
        assert channel(server).publish(a_post()) == Accepted(f"{PAGE}_5")
        assert server.problems == []
    answers[POSTS] = Reply(200, body={"data": []})
    with Dialogue(facebook_page(), answers) as server:
        assert isinstance(channel(server).publish(a_post()), Unknown)
        assert len(server.calls(FEED)) == 1


@pytest.mark.parametrize(("told", "found"), [
    ([shown()], Accepted(f"{PAGE}_5")),
    ([shown(attachments=None, message=f"Bells\n{LINK}")], Accepted(f"{PAGE}_5")),
    ([shown(created_time="2026-11-20T14:00:03+0000")], Absent()),
    ([shown(attachments={"data": [{}]})], Absent()),
    ([shown(id=None), shown(created_time="yesterday"), "x"], Absent()),
    (None, Absent()),
])  # fmt: skip
def test_a_post_is_told_from_others_by_its_link_and_time(told, found):
    with Dialogue(facebook_page(), {POSTS: Reply(200, body={"data": told})}) as server:
        assert channel(server).find(a_post()) == found
        assert server.problems == []


def test_a_post_without_a_link_is_told_by_its_words():
    answers = {
        POSTS: Reply(200, body={"data": [shown(message="Other"), shown(message=" Bells  &\nwhistles (new) 🎈")]})
    }
    with Dialogue(facebook_page(), answers) as server:
        assert channel(server).find(a_post(link=None)) == Accepted(f"{PAGE}_5")


@pytest.mark.parametrize(("reply", "found"), [
    (error(190, 401), Stop("190", "(#190) no")),
    (error(100), Stop("100", "(#100) no")),
    (Reply(503), Retry(None, "the vendor answered 503")),
    (error(4), Retry(None, "(#4) no", throttled=True)),
])  # fmt: skip
def test_a_reading_that_fails_may_be_repeated_or_needs_mending(reply, found):
    with Dialogue(facebook_page(), {POSTS: reply, f"GET /v25.0/{PAGE}_5": reply}) as server:
        assert channel(server).find(a_post()) == found
        assert channel(server).metrics(f"{PAGE}_5") == found


COUNTS = {
    "shares": {"count": 3}, "reactions": {"summary": {"total_count": 21}}, "comments": {"summary": {"total_count": 2}},
}  # fmt: skip


def test_the_metrics_of_a_post_are_its_counts_and_its_insights():
    insights = [
        {"name": "post_media_view", "values": [{"value": 900}]},
        {"name": "post_clicks", "values": [{"value": 40}]},
    ]
    answers: dict[str, Any] = {
        f"GET /v25.0/{PAGE}_5": Reply(200, body=COUNTS),
        f"GET /v25.0/{PAGE}_5/insights": [Reply(200, body={"data": insights}), error(100)],
    }
    with Dialogue(facebook_page(), answers) as server:
        assert channel(server).metrics(f"{PAGE}_5") == PostMetrics(900, 21, 2, 3, 40)
        assert channel(server).metrics(f"{PAGE}_5") == PostMetrics(None, 21, 2, 3, None)
        assert server.problems == []


def test_the_metrics_of_a_film_are_its_own():
    body = {"views": 12, "likes": {"summary": {"total_count": 4}}, "comments": {"summary": {"total_count": 1}}}
    with Dialogue(facebook_page(), {"GET /v25.0/99": Reply(200, body=body)}) as server:
        assert channel(server).metrics("99") == PostMetrics(12, 4, 1, None, None)
        assert server.problems == []


def test_a_deleted_post_is_absent():
    with Dialogue(facebook_page(), {f"GET /v25.0/{PAGE}_5": error(100, error_subcode=33)}) as server:
        assert channel(server).metrics(f"{PAGE}_5") == Absent()
