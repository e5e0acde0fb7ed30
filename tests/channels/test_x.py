"""Posts on X within its own contract, and what its answers mean."""

from base64 import b64decode
from typing import Any

import pytest

from clarion.channels import x_media
from clarion.channels.x import XChannel
from clarion.channels.x_client import XClient
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, PostChannel, PostMetrics
from tests.channels.posts import LINK, PNG, DraftsInMemory, a_film, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.server import Reply
from tests.contract_servers.social_vendors import x

POSTS, LATEST, SHOWN = (
    "POST /2/tweets",
    f"GET /2/users/{a_post().profile_id}/tweets",
    "GET /2/tweets/1445880548472328192",
)
OPEN, STATUS = "POST /2/media/upload/initialize", "GET /2/media/upload"
APPEND, CLOSE = (f"POST /2/media/upload/1880028106020515840/{step}" for step in ("append", "finalize"))
NAME, NUMBER = "1880028106020515840", "1445880548472328192"
MADE = Reply(201, body={"data": {"id": NUMBER, "text": "Bells"}})
MEDIA: dict[str, Any] = {
    OPEN: Reply(200, body={"data": {"id": NAME}}), APPEND: Reply(200, body={"data": {}}),
    CLOSE: Reply(200, body={"data": {"id": NAME}}), STATUS: Reply(200, body={"data": {"id": NAME}}), POSTS: MADE,
}  # fmt: skip
NOW = 1_795_251_600.0
TOKEN = "x-user-token"
DUPLICATE = Reply(
    403, body={"detail": "You are not allowed to create a Tweet with duplicate content.", "type": "about:blank"}
)


class Scene:
    """One user's channel, the drafts, and how long was waited."""

    def __init__(self, server: Dialogue) -> None:
        self.drafts = DraftsInMemory()
        self.waits: list[float] = []
        self._server = server

    @property
    def channel(self) -> PostChannel:
        client = XClient(TOKEN, self._server.url, read_seconds=self._server.patience, now=lambda: NOW)
        return XChannel(client, self.drafts, wait=self.waits.append)


@pytest.fixture
def server():
    with Dialogue(x(), MEDIA) as found:
        yield found
    assert found.problems == []


@pytest.fixture
def scene(server):
    return Scene(server)


def processing(state: str, after: int | None = None) -> Reply:
    info = {"state": state, **({"check_after_secs": after} if after else {})}
    return Reply(200, body={"data": {"id": NAME, "processing_info": info}})


def test_a_text_ends_with_its_link(server, scene):
    assert scene.channel.publish(a_post()) == Accepted(NUMBER)
    [request] = server.received
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == {"text": f"Bells & whistles (new) 🎈\n\n{LINK}"}


def test_a_picture_is_uploaded_in_segments(server, scene, monkeypatch):
    monkeypatch.setattr(x_media, "SEGMENT", 20)
    assert scene.channel.publish(a_post(media=(an_image(),))) == Accepted(NUMBER)
    assert server.calls(OPEN) == [{"media_category": "tweet_image", "media_type": "image/png", "total_bytes": len(PNG)}]
    segments = server.calls(APPEND)
    assert [each["segment_index"] for each in segments] == [0, 1]
    assert b"".join(b64decode(each["media"]) for each in segments) == PNG
    assert server.calls(POSTS)[0]["media"] == {"media_ids": [NAME]}


@pytest.mark.parametrize(("medium", "category"), [
    (a_film(), "tweet_video"), (an_image(content_type="image/gif"), "tweet_gif"),
])  # fmt: skip
def test_a_film_is_waited_for(server, scene, medium, category):
    server.answer({STATUS: [processing("pending", 1), processing("in_progress", 60), processing("succeeded")]})
    assert scene.channel.publish(a_post(media=(medium,))) == Accepted(NUMBER)
    assert server.calls(OPEN)[0]["media_category"] == category
    assert scene.waits == [1, 5]


def test_a_film_that_takes_long_is_not_uploaded_again(server, scene):
    server.answer({STATUS: [processing("in_progress")] * 5 + [processing("succeeded")]})
    post = a_post(media=(a_film(),))
    assert scene.channel.publish(post) == Retry(30, "X is still preparing the media")
    assert scene.channel.publish(post) == Accepted(NUMBER)
    assert (len(server.calls(OPEN)), len(server.calls(POSTS))) == (1, 1)


def test_media_of_no_use_are_forgotten(server, scene):
    post = a_post(media=(a_film(),))
    server.answer({STATUS: processing("failed")})
    assert scene.channel.publish(post) == Rejected("MediaFailed", "X cannot use the media")
    scene.drafts.keep("p1", NAME)
    server.answer({STATUS: Reply(404, body={"title": "Not Found"})})
    assert scene.channel.publish(post) == Retry(None, "Not Found")
    assert (scene.drafts.drafts, server.calls(POSTS)) == ({}, [])


@pytest.mark.parametrize("name", [OPEN, APPEND, CLOSE, STATUS])
@pytest.mark.parametrize(("reply", "kind"), [
    (Reply(drop=True), Retry), (Reply(500), Retry), (Reply(429), Retry), (Reply(401), Stop),
])  # fmt: skip
def test_what_fails_before_publishing_may_be_tried_again(server, scene, name, reply, kind):
    server.answer({name: reply})
    assert isinstance(scene.channel.publish(a_post(media=(an_image(),))), kind)
    assert server.calls(POSTS) == []


@pytest.mark.parametrize("media", [(an_image(),) * 5, (a_film(), an_image()), (a_film(), a_film())])
def test_media_x_does_not_take_are_refused_before_any_call(server, scene, media):
    assert isinstance(scene.channel.publish(a_post(media=media)), Rejected)
    assert server.received == []


def problem(status: int, kind: str = "about:blank", headers: dict[str, str] | None = None, detail: str = "no") -> Reply:
    return Reply(status, headers or {}, {"type": kind, "title": "t", "detail": detail})


def verdict(server: Dialogue, scene: Scene, reply: Reply) -> Outcome:
    server.answer({POSTS: reply})
    found = scene.channel.publish(a_post())
    assert len(server.received) == 1
    return found


RESET, DAY = {"x-rate-limit-reset": str(int(NOW) + 60)}, {"x-user-limit-24hour-reset": str(int(NOW) + 7200)}


@pytest.mark.parametrize(("reply", "outcome"), [
    (problem(429, headers=RESET), Retry(60, "no", throttled=True)),
    (problem(429, headers={"Retry-After": "7"}), Retry(7, "no", throttled=True)),
    (problem(429, headers={**RESET, **DAY, "x-user-limit-24hour-remaining": "0"}), Retry(7200, "no", throttled=True)),
    (problem(429, headers={**RESET, **DAY, "x-user-limit-24hour-remaining": "9"}), Retry(60, "no", throttled=True)),
    (problem(429, "https://api.x.com/2/problems/usage-capped"), Stop("usage-capped", "no")),
    (problem(401, detail=f"bad {TOKEN}"), Stop("401", "bad [secret]")),
    (problem(402), Stop("402", "no")),
    (problem(403), Stop("403", "no")),
    (problem(403, detail="Your post text is too long."), Rejected("TooLong", "Your post text is too long.")),
    (problem(400), Rejected("400", "no")),
    (Reply(503), Unknown("the vendor answered 503")),
    (Reply(201, body={"data": {}}), Unknown("X answered without the post's id")),
    (Reply(201, body=b"<"), Unknown("X answered something unreadable")),
])  # fmt: skip
def test_each_answer_has_its_outcome(server, scene, reply, outcome):
    assert verdict(server, scene, reply) == outcome


def shown(**changes: Any) -> dict[str, Any]:
    return {"id": NUMBER, "created_at": "2026-11-21T14:00:02.000Z", "text": "Bells &amp; whistles (new) 🎈 https://t.co/x",
            "entities": {"urls": [{"url": "https://t.co/x", "expanded_url": LINK}]}} | changes  # fmt: skip


@pytest.mark.parametrize(("told", "found"), [
    ([shown(id="1", entities={"urls": [{}]}), shown()], Accepted(NUMBER)),
    ([shown(created_at="2026-11-21T12:00:00Z"), {}, 1, shown(entities={"urls": 1})], Absent()),
    ([], Absent()),
    (None, Absent()),
])  # fmt: skip
def test_a_post_is_told_from_others_by_its_link(server, scene, told, found):
    server.answer({LATEST: Reply(200, body={"data": told})})
    assert scene.channel.find(a_post()) == found
    assert "start_time=2026-11-21T13%3A58%3A00Z" in server.received[0].path


def test_a_post_without_a_link_is_told_by_its_words(server, scene):
    server.answer({LATEST: Reply(200, body={"data": [shown(text="Bells &amp; whistles (new) 🎈")]})})
    assert scene.channel.find(a_post(link=None)) == Accepted(NUMBER)


def test_a_duplicate_has_been_published_already_and_is_found(server, scene):
    server.answer({POSTS: DUPLICATE, LATEST: [Reply(200, body={"data": [shown()]}), Reply(200, body={})]})
    assert scene.channel.publish(a_post()) == Accepted(NUMBER)
    assert isinstance(scene.channel.publish(a_post()), Unknown)
    assert len(server.calls(POSTS)) == 2


def test_the_metrics_of_a_post(server, scene):
    counts = {"impression_count": 900, "like_count": 9, "reply_count": 2, "repost_count": 3, "quote_count": 1}
    gone = Reply(200, body={"errors": [{"title": "Not Found Error"}]})
    server.answer(
        {SHOWN: [Reply(200, body={"data": {"public_metrics": counts}}), gone, Reply(404), Reply(429), Reply(401)]}
    )
    assert scene.channel.metrics(NUMBER) == PostMetrics(900, 9, 2, 4, None)
    assert scene.channel.metrics(NUMBER) == Absent()
    assert scene.channel.metrics(NUMBER) == Absent()
    assert isinstance(scene.channel.metrics(NUMBER), Retry)
    assert isinstance(scene.channel.metrics(NUMBER), Stop)


def test_metrics_that_are_not_told_are_none(server, scene):
    server.answer({SHOWN: Reply(200, body={"data": {"id": NUMBER}})})
    assert scene.channel.metrics(NUMBER) == PostMetrics()
