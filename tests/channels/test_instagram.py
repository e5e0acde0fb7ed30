"""An Instagram account's posts within Meta's contract: one container, published at most once."""

import json
from typing import Any

import pytest
from facebook_business.adobjects.iguser import IGUser

from clarion.channels.graph import Graph
from clarion.channels.instagram import InstagramChannel
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, Post, PostChannel, PostMetrics
from tests.channels.posts import DraftsInMemory, a_film, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.meta import instagram, sdk
from tests.contract_servers.server import Reply

ACCOUNT = "17841405822304914"
MEDIA, PUBLISH = f"POST /v25.0/{ACCOUNT}/media", f"POST /v25.0/{ACCOUNT}/media_publish"
CONTAINER, LATEST = "GET /v25.0/5001", f"GET /v25.0/{ACCOUNT}/media"
GONE = {"error": {"message": "no", "type": "x", "code": 100, "error_subcode": 33}}


def state(code: str) -> Reply:
    return Reply(200, body={"id": "5001", "status_code": code})


ANSWERS: dict[str, Any] = {
    MEDIA: Reply(200, body={"id": "5001"}), CONTAINER: state("FINISHED"), PUBLISH: Reply(200, body={"id": "900"}),
}  # fmt: skip


def a_picture_post(**changes: Any) -> Post:
    return a_post(**{"profile_id": ACCOUNT, "media": (an_image(),)} | changes)


class Scene:
    """One account, its drafts, and how long was waited."""

    def __init__(self, server: Dialogue) -> None:
        self.drafts = DraftsInMemory()
        self.waits: list[float] = []
        self._server = server

    @property
    def channel(self) -> PostChannel:
        graph = Graph("token", "secret", self._server.url, read_seconds=self._server.patience)
        return InstagramChannel(graph, self.drafts, wait=self.waits.append)


@pytest.fixture
def server():
    with Dialogue(instagram(), ANSWERS) as found:
        yield found
    assert found.problems == []


@pytest.fixture
def scene(server):
    return Scene(server)


def test_a_picture_is_prepared_kept_and_published(server, scene):
    assert scene.channel.publish(a_picture_post()) == Accepted("900")
    assert scene.drafts.drafts == {"p1": "5001"}
    [made] = server.calls(MEDIA)
    assert (made["image_url"], made["alt_text"]) == (["https://media.acme.example/a.png"], ["A bell"])
    assert made["caption"] == [a_post().text_with_link()]
    assert server.calls(PUBLISH)[0]["creation_id"] == ["5001"]


def test_the_same_post_of_metas_own_sdk_is_the_same_request(server, scene):
    post = a_picture_post()
    scene.channel.publish(post)
    account = IGUser(ACCOUNT, api=sdk(server.url, "token", "secret"))
    fields = {"image_url": post.media[0].url, "alt_text": "A bell", "caption": post.text_with_link()}
    account.create_media(params=fields)
    account.create_media_publish(params={"creation_id": "5001"})
    for name in (MEDIA, PUBLISH):
        ours, theirs = server.calls(name)
        ours.pop("appsecret_proof")
        assert ours == theirs


def test_a_film_is_a_reel_and_waited_for(server, scene):
    server.answer({CONTAINER: [state("IN_PROGRESS"), state("IN_PROGRESS"), state("FINISHED")]})
    assert scene.channel.publish(a_picture_post(media=(a_film(),))) == Accepted("900")
    [made] = server.calls(MEDIA)
    assert (made["media_type"], made["video_url"]) == (["REELS"], ["https://media.acme.example/a.mp4"])
    assert len(scene.waits) == 2


def test_several_media_are_a_carousel(server, scene):
    server.answer({MEDIA: [Reply(200, body={"id": name}) for name in ("1", "2", "5001")]})
    assert scene.channel.publish(a_picture_post(media=(an_image(), a_film()))) == Accepted("900")
    picture, film, carousel = server.calls(MEDIA)
    assert (picture["is_carousel_item"], film["media_type"]) == (["true"], ["VIDEO"])
    assert "caption" not in picture
    assert (carousel["media_type"], json.loads(carousel["children"][0])) == (["CAROUSEL"], ["1", "2"])


def test_a_film_that_takes_long_is_gone_on_with_at_the_next_attempt(server, scene):
    server.answer({CONTAINER: [state("IN_PROGRESS")] * 5 + [state("FINISHED")]})
    first = scene.channel.publish(a_picture_post())
    assert first == Retry(30, "Instagram is still preparing the media")
    assert server.calls(PUBLISH) == []
    assert scene.channel.publish(a_picture_post()) == Accepted("900")
    assert len(server.calls(MEDIA)) == 1


@pytest.mark.parametrize("lost", [Reply(drop=True), Reply(hang=True), Reply(500), Reply(200, body={})])
def test_a_lost_answer_is_settled_by_the_container_and_never_published_twice(server, scene, lost):
    server.answer({PUBLISH: lost})
    assert isinstance(scene.channel.publish(a_picture_post()), Unknown)
    medium = {"id": "900", "caption": a_post().text_with_link(), "timestamp": "2026-11-21T14:00:09+0000"}
    server.answer({CONTAINER: state("PUBLISHED"), LATEST: Reply(200, body={"data": [medium]})})
    assert scene.channel.find(a_picture_post()) == Accepted("900")
    assert scene.channel.publish(a_picture_post()) == Accepted("900")
    assert len(server.calls(PUBLISH)) == 1
    server.answer({LATEST: Reply(200, body={"data": []})})
    assert isinstance(scene.channel.publish(a_picture_post()), Unknown)
    assert len(server.calls(PUBLISH)) == 1


def test_a_container_that_was_not_published_proves_that_the_post_is_absent(server, scene):
    scene.drafts.keep("p1", "5001")
    assert scene.channel.find(a_picture_post()) == Absent()
    assert len(server.received) == 1


def test_without_a_container_the_latest_media_tell(server, scene):
    server.answer({LATEST: Reply(200, body={"data": [{"id": "1", "timestamp": None}, {"id": "2"}]})})
    assert scene.channel.find(a_picture_post()) == Absent()
    server.answer({LATEST: Reply(503)})
    assert scene.channel.find(a_picture_post()) == Retry(None, "the vendor answered 503")


@pytest.mark.parametrize(("answer", "kind"), [
    (state("EXPIRED"), Retry), (state("ERROR"), Rejected), (Reply(400, body=GONE), Retry),
])  # fmt: skip
def test_a_container_of_no_use_is_forgotten_and_nothing_published(server, scene, answer, kind):
    scene.drafts.keep("p1", "5001")
    server.answer({CONTAINER: answer})
    assert isinstance(scene.channel.publish(a_picture_post()), kind)
    assert (scene.drafts.drafts, server.calls(PUBLISH)) == ({}, [])


@pytest.mark.parametrize("name", [MEDIA, CONTAINER])
@pytest.mark.parametrize(("reply", "kind"), [
    (Reply(drop=True), Retry), (Reply(hang=True), Retry), (Reply(500), Retry), (Reply(200, body={"id": 1}), Retry),
    (Reply(429), Retry), (Reply(401), Stop),
])  # fmt: skip
def test_what_fails_before_publishing_may_be_tried_again(server, scene, name, reply, kind):
    server.answer({name: reply})
    assert isinstance(scene.channel.publish(a_picture_post()), kind)
    assert server.calls(PUBLISH) == []


@pytest.mark.parametrize("changes", [{"media": ()}, {"media": (an_image(),) * 11}, {"text": "x" * 2200}])
def test_what_no_account_takes_is_refused_before_any_call(server, scene, changes):
    assert isinstance(scene.channel.publish(a_picture_post(**changes)), Rejected)
    assert server.received == []


def test_the_metrics_of_a_medium(server, scene):
    counts = {"views": 50, "likes": 7, "comments": 1, "shares": 2}
    data = [{"name": name, "values": [{"value": value}]} for name, value in counts.items()]
    insights = "GET /v25.0/900/insights"
    server.answer({insights: [Reply(200, body={"data": data}), Reply(400, body=GONE), Reply(401)]})
    assert scene.channel.metrics("900") == PostMetrics(50, 7, 1, 2, None)
    assert scene.channel.metrics("900") == Absent()
    assert isinstance(scene.channel.metrics("900"), Stop)
