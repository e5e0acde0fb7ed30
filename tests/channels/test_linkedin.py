"""LinkedIn's posts within the contract written from its documentation, and what its answers mean.

The licence of LinkedIn's only SDK (``linkedin-api-client``) forbids its use here, so no implementation of LinkedIn's
own stands beside ours.
"""

from typing import Any

import pytest

from clarion.channels.http import HttpClient
from clarion.channels.linkedin import LinkedInChannel
from clarion.channels.linkedin_text import escape, unescape
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, Post, PostChannel, PostMetrics
from tests.channels.posts import LINK, PNG, a_film, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.server import Reply
from tests.contract_servers.social_vendors import linkedin

COMPANY, URN = "urn:li:organization:2414183", "urn:li:share:7243"
POSTS, IMAGES, FINDER = "POST /rest/posts", "POST /rest/images", "GET /rest/posts"
MADE = Reply(201, {"x-restli-id": URN})
SHOWN, STATISTICS = f"GET /rest/posts/{URN}", "GET /rest/organizationalEntityShareStatistics"
NOW = 1_795_269_600.0  # 2026-11-21T14:00:00Z
TOKEN = "linkedin-token"


def channel(server: Dialogue) -> PostChannel:
    return LinkedInChannel(TOKEN, server.url, read_seconds=server.patience, now=lambda: NOW)


def company_post(**changes: Any) -> Post:
    return a_post(**{"profile_id": COMPANY} | changes)


def verdict(reply: Reply) -> Outcome:
    """Of the call that publishes, which is made once."""
    with Dialogue(linkedin(), {POSTS: reply}) as server:
        found = channel(server).publish(company_post())
        assert (server.problems, len(server.calls(POSTS))) == ([], 1)
    return found


def test_text_and_link_are_this_request():
    with Dialogue(linkedin(), {POSTS: MADE}) as server:
        assert channel(server).publish(company_post()) == Accepted(URN)
        assert server.problems == []
    [request] = server.received
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == {
        "author": COMPANY,
        "commentary": r"Bells & whistles \(new\) 🎈",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": {"article": {"source": LINK, "title": "Bells"}},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def test_a_misspelt_field_and_an_author_that_is_none_would_be_found_out():
    with Dialogue(linkedin(), {POSTS: MADE}) as server:
        channel(server).publish(company_post(profile_id="2414183"))
        http = HttpClient(server.url, headers={"Authorization": "Bearer x"})
        http.post_json("/rest/posts", {"author": COMPANY, "commentry": "x"})
    assert any("'2414183' does not match" in problem for problem in server.problems)
    assert any("'commentry' was unexpected" in problem for problem in server.problems)
    assert any("MissingRequiredParameter" in problem for problem in server.problems)  # the version's header


def test_reserved_characters_are_shown_as_they_are():
    text = r"\|{}@[]()<>#*_~ and 100% of the rest: &!$^+=;'," + '"'
    assert escape(text) == r"\\\|\{\}\@\[\]\(\)\<\>\#\*\_\~ and 100% of the rest: &!$^+=;'," + '"'
    assert unescape(escape(text)) == text


def upload(server: Dialogue, address: str | None = None) -> dict[str, Any]:
    value = {"uploadUrl": address or f"{server.url}/dms-uploads/x", "image": "urn:li:image:C4E"}
    return {IMAGES: Reply(200, body={"value": value}), "PUT /dms-uploads/x": Reply(201), POSTS: MADE}


@pytest.mark.parametrize("number", [1, 2])
def test_pictures_are_uploaded_and_the_link_goes_into_the_text(number):
    with Dialogue(linkedin()) as server:
        server.answer(upload(server))
        assert channel(server).publish(company_post(media=(an_image(),) * number)) == Accepted(URN)
        assert server.problems == []
    assert server.calls(IMAGES)[0] == {"initializeUploadRequest": {"owner": COMPANY}}
    assert server.calls("PUT /dms-uploads/x") == [PNG] * number
    [post] = server.calls(POSTS)
    picture = {"id": "urn:li:image:C4E", "altText": "A bell"}
    assert post["content"] == ({"media": picture} if number == 1 else {"multiImage": {"images": [picture, picture]}})
    assert unescape(post["commentary"]).endswith(f"\n\n{LINK}")


@pytest.mark.parametrize("address", ["https://linkedin.com.elsewhere.example/x", "http://www.linkedin.com/x", "x"])
def test_the_token_is_sent_to_no_address_that_is_not_linkedins(address):
    with Dialogue(linkedin()) as server:
        server.answer(upload(server, address))
        found = channel(server).publish(company_post(media=(an_image(),)))
        assert len(server.received) == 1
    assert isinstance(found, Stop)


@pytest.mark.parametrize("name", [IMAGES, "PUT /dms-uploads/x"])
@pytest.mark.parametrize(("reply", "kind"), [
    (Reply(drop=True), Retry), (Reply(hang=True), Retry), (Reply(500), Retry), (Reply(429), Retry), (Reply(401), Stop),
    (Reply(400), Rejected),
])  # fmt: skip
def test_a_picture_that_fails_has_published_nothing(name, reply, kind):
    with Dialogue(linkedin()) as server:
        server.answer(upload(server) | {name: reply})
        found = channel(server).publish(company_post(media=(an_image(),)))
        assert server.calls(POSTS) == []
    assert isinstance(found, kind)


@pytest.mark.parametrize("changes", [{"media": (a_film(),)}, {"text": "x" * 3001}, {"text": "#" * 1501}])
def test_what_linkedin_does_not_take_is_refused_before_any_call(changes):
    with Dialogue(linkedin()) as server:
        assert isinstance(channel(server).publish(company_post(**changes)), Rejected)
        assert server.received == []


@pytest.mark.parametrize(("reply", "outcome"), [
    (Reply(429, {"Retry-After": "7"}, {"message": "no"}), Retry(7, "no", throttled=True)),
    (Reply(429, body={"message": "MEMBER DAY limit"}), Retry(36_000, "MEMBER DAY limit", throttled=True)),
    (Reply(429, body={"message": "too fast"}), Retry(None, "too fast", throttled=True)),
    (Reply(401, body={"message": f"bad {TOKEN}"}), Stop("401", "bad [secret]")),
    (Reply(403, body={"message": "no"}), Stop("403", "no")),
    (Reply(426, body={"message": "version gone"}), Stop("426", "version gone")),
    (Reply(400, body={"message": "no"}), Rejected("400", "no")),
    (Reply(422, body={"message": "no"}), Rejected("422", "no")),
    (Reply(503), Unknown("the vendor answered 503")),
    (Reply(201), Unknown("LinkedIn answered without the post's URN")),
])  # fmt: skip
def test_each_answer_has_its_outcome(reply, outcome):
    assert verdict(reply) == outcome


def shown(**changes: Any) -> dict[str, Any]:
    return {"id": URN, "createdAt": 1_795_269_603_000, "commentary": escape(a_post().text), "content": {
        "article": {"source": LINK},
    }} | changes  # fmt: skip


def test_a_duplicate_that_names_the_post_is_that_post():
    assert verdict(Reply(422, body={"message": f"Content is a duplicate of {URN}"})) == Accepted(URN)


def test_a_duplicate_that_names_none_is_looked_for():
    answers = {POSTS: Reply(422, body={"code": "DUPLICATE_POST"}), FINDER: Reply(200, body={"elements": [shown()]})}
    with Dialogue(linkedin(), answers) as server:
        assert channel(server).publish(company_post()) == Accepted(URN)
        server.answer({FINDER: Reply(200, body={"elements": []})})
        assert isinstance(channel(server).publish(company_post()), Unknown)
        assert (server.problems, len(server.calls(POSTS))) == ([], 2)


@pytest.mark.parametrize(("told", "found"), [
    ([shown(createdAt=1_795_000_000_000), shown()], Accepted(URN)),
    ([shown(content=None, commentary=escape(a_post().text_with_link()))], Accepted(URN)),
    ([shown(content={}), {"id": URN}, 1], Absent()),
    (None, Absent()),
])  # fmt: skip
def test_a_post_is_told_from_others_by_its_link(told, found):
    with Dialogue(linkedin(), {FINDER: Reply(200, body={"elements": told})}) as server:
        assert channel(server).find(company_post()) == found
        assert server.problems == []


def test_a_post_without_a_link_is_told_by_its_words():
    with Dialogue(linkedin(), {FINDER: Reply(200, body={"elements": [shown()]})}) as server:
        assert channel(server).find(company_post(link=None)) == Accepted(URN)
        assert channel(server).find(company_post(link=None, text="Other")) == Absent()


@pytest.mark.parametrize(("urn", "parameter"), [(URN, "shares"), ("urn:li:ugcPost:7", "ugcPosts")])
def test_the_metrics_of_a_companys_post(urn, parameter):
    counts = {"impressionCount": 900, "likeCount": 9, "commentCount": 2, "shareCount": 1, "clickCount": 30}
    answers = {
        f"GET /rest/posts/{urn}": Reply(200, body={"author": COMPANY}),
        STATISTICS: Reply(200, body={"elements": [{"totalShareStatistics": counts}]}),
    }
    with Dialogue(linkedin(), answers) as server:
        assert channel(server).metrics(urn) == PostMetrics(900, 9, 2, 1, 30)
        assert server.problems == []
        assert f"{parameter}=List(" in server.received[1].path


def test_a_members_post_has_no_metrics_a_new_one_none_yet_and_a_deleted_one_is_absent():
    member = {SHOWN: [Reply(200, body={"author": "urn:li:person:x"}), Reply(200, body={"author": COMPANY}), Reply(404)]}
    with Dialogue(linkedin(), member | {STATISTICS: Reply(200, body={"elements": []})}) as server:
        assert channel(server).metrics(URN) == PostMetrics()
        assert channel(server).metrics(URN) == PostMetrics()
        assert channel(server).metrics(URN) == Absent()


@pytest.mark.parametrize(
    ("reply", "kind"), [(Reply(403), Stop), (Reply(drop=True), Retry), (Reply(200, body=b"<"), Retry)]
)
def test_a_reading_that_fails_may_be_repeated_or_needs_mending(reply, kind):
    with Dialogue(linkedin(), {SHOWN: reply, FINDER: reply}) as server:
        assert isinstance(channel(server).metrics(URN), kind)
        assert isinstance(channel(server).find(company_post()), kind)
        server.answer({SHOWN: Reply(200, body={"author": COMPANY}), STATISTICS: reply})
        assert isinstance(channel(server).metrics(URN), kind)
