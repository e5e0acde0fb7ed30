"""X's own SDK publishes, reads and uploads by requests that keep to the same contract and say the same as ours."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from xdk import Client
from xdk.media.models import AppendUploadRequest, InitializeUploadRequest
from xdk.posts.models import CreateRequest

from clarion.channels.x import XChannel
from clarion.channels.x_client import XClient
from tests.channels.posts import PNG, DraftsInMemory, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.server import Received, Reply
from tests.contract_servers.social_vendors import x

TOKEN = "x-user-token"
MEDIUM, NUMBER = "1880028106020515840", "1445880548472328192"
UPLOADED = Reply(200, body={"data": {"id": MEDIUM}})
ANSWERS: dict[str, Any] = {
    "POST /2/media/upload/initialize": UPLOADED, f"POST /2/media/upload/{MEDIUM}/append": Reply(200, body={"data": {}}),
    f"POST /2/media/upload/{MEDIUM}/finalize": UPLOADED, "GET /2/media/upload": UPLOADED,
    "POST /2/tweets": Reply(201, body={"data": {"id": NUMBER, "text": "Bells"}}),
    f"GET /2/tweets/{NUMBER}": Reply(200, body={"data": {"id": NUMBER, "text": "Bells"}}),
    f"GET /2/users/{a_post().profile_id}/tweets": Reply(200, body={"data": [], "meta": {"result_count": 0}}),
}  # fmt: skip


def essence(request: Received) -> tuple[Any, ...]:
    """Without the order of a query's parameters."""
    parts = urlsplit(request.path)
    return request.method, parts.path, sorted(parse_qsl(parts.query)), request.headers["Authorization"], request.body


@pytest.fixture
def server():
    with Dialogue(x(), ANSWERS) as found:
        yield found
    assert found.problems == []


@pytest.fixture
def ours(server) -> XChannel:
    return XChannel(XClient(TOKEN, server.url), DraftsInMemory(), wait=lambda seconds: None)


@pytest.fixture
def theirs(server):
    client = Client(base_url=server.url, access_token=TOKEN)
    yield client
    client.session.close()


def agree(server: Dialogue) -> int:
    """How many requests each side made, the same in the same order."""
    half = len(server.received) // 2
    mine, sdks = server.received[:half], server.received[half:]
    assert [essence(each) for each in mine] == [essence(each) for each in sdks]
    return half


def test_a_post_is_the_same(server, ours, theirs):
    ours.publish(a_post())
    theirs.posts.create(CreateRequest(text=a_post().text_with_link()))
    assert agree(server) == 1


def test_a_picture_is_uploaded_and_posted_by_the_same_requests(server, ours, theirs):
    post = a_post(media=(an_image(),))
    ours.publish(post)
    opening = {"media_category": "tweet_image", "media_type": "image/png", "total_bytes": len(PNG)}
    theirs.media.initialize_upload(InitializeUploadRequest.model_validate(opening))
    segment = {"media": b64encode(PNG).decode(), "segment_index": 0}
    theirs.media.append_upload(MEDIUM, AppendUploadRequest.model_validate(segment))
    theirs.media.finalize_upload(MEDIUM)
    theirs.media.get_upload_status(MEDIUM, command="STATUS")
    whole = {"text": post.text_with_link(), "media": {"media_ids": [MEDIUM]}}
    theirs.posts.create(CreateRequest.model_validate(whole))
    assert agree(server) == 5


def test_a_users_posts_and_a_posts_counts_are_read_by_the_same_requests(server, ours, theirs):
    ours.find(a_post())
    ours.metrics(NUMBER)
    wanted = ["created_at", "entities"]
    since = "2026-11-21T13:58:00Z"
    next(theirs.users.get_posts(a_post().profile_id, max_results=50, start_time=since, post_fields=wanted))
    theirs.posts.get_by_id(NUMBER, post_fields=["public_metrics"])
    assert agree(server) == 2
