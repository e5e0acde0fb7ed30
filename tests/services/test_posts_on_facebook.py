"""A post from its campaign to a Facebook page, and its figures back, within Meta's contract."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clarion.channels.facebook_page import FacebookPageChannel
from clarion.channels.graph import Graph
from clarion.domain.analytics import campaign_report
from clarion.domain.engagement import MessageRef
from clarion.domain.outcomes import Accepted, Outcome, Retry, Unknown
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_post import OutletPost
from clarion.domain.post import Post
from clarion.domain.publication import Publication
from clarion.domain.run import FAILED, SENT, Result
from clarion.services.polling import PollService
from clarion.services.post_delivery import PostDelivery
from clarion.services.post_reading import PostReader
from clarion.storage.counters import CounterTable
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.meta import facebook_page
from tests.contract_servers.server import Reply
from tests.fakes.publications import CAMPAIGN, MADE_AT, ORG, PublicationsInMemory, publication

PAGE = Outlet(platform="facebook", profile="1067280970047460", name="Our page")
NAME = f"{PAGE.profile}_77"
FEED, POSTS = f"POST /v25.0/{PAGE.profile}/feed", f"GET /v25.0/{PAGE.profile}/published_posts"
COUNTS, INSIGHTS = f"GET /v25.0/{NAME}", f"GET /v25.0/{NAME}/insights"
EMPTY = Reply(200, body={"data": []})
MINUTE = timedelta(minutes=1)


def told(likes: int, views: int) -> dict[str, Reply]:
    counts = {"reactions": {"summary": {"total_count": likes}}, "comments": {"summary": {"total_count": 1}}}
    insights = [
        {"name": "post_media_view", "values": [{"value": views}]},
        {"name": "post_clicks", "values": [{"value": 4}]},
    ]
    return {COUNTS: Reply(200, body=counts), INSIGHTS: Reply(200, body={"data": insights})}


class Desk:
    """A worker that publishes and one that polls, on one table."""

    def __init__(self, server: Dialogue) -> None:
        self.now, self.publications, self.settled = MADE_AT, PublicationsInMemory(), dict[MessageRef, Result]()
        channel = FacebookPageChannel(Graph("page-token", "app-secret", server.url, read_seconds=server.patience))
        note = lambda *_: None  # noqa: E731
        self.delivery = PostDelivery(lambda *_: channel, self.publications, note, lambda: self.now)
        readers = {"social": PostReader(lambda *_: channel)}
        self.poller = PollService(self.publications, readers, self, note, lambda: self.now)

    def settle(self, message: MessageRef, result: Result) -> bool:
        return self.settled.setdefault(message, result) is result

    def publish(self) -> Outcome:
        made = publication(PAGE, made_at=self.now)
        post = Post(id=made.id, profile_id=PAGE.profile, made_at=made.made_at, text=made.text, link=made.link)
        [outcome] = self.delivery.send([OutletPost(made.message, PAGE, post)])
        return outcome

    def poll_at(self, now: datetime) -> dict[str, int]:
        self.now = now
        return self.poller.poll(lambda: 240_000)

    def kept(self) -> Publication:
        found = self.publications.get(publication(PAGE).message)
        assert found is not None
        return found

    def counted(self) -> dict[str, Any]:
        rows = CounterTable(self.publications.table).campaign(ORG, CAMPAIGN)
        return dict(campaign_report(CAMPAIGN, rows, {}).channels["social"].metrics)


def shown(link: str | None, at: datetime) -> Reply:
    post = {"id": NAME, "message": "Hello", "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000")}
    return Reply(200, body={"data": [{**post, "attachments": {"data": [{"unshimmed_url": link}]}}]})


def test_a_post_goes_out_and_its_figures_come_back_as_the_page_counts_on() -> None:
    with Dialogue(facebook_page(), {FEED: Reply(200, body={"id": NAME}), **told(likes=3, views=90)}) as server:
        desk = Desk(server)
        assert desk.publish() == Accepted(NAME)
        assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"read": 1}
        assert desk.counted() == {"views": 90, "likes": 3, "comments": 1, "vendor_clicks": 4}
        server.answer(told(likes=2, views=130))
        assert desk.poll_at(MADE_AT + 20 * MINUTE) == {"read": 1}
        assert desk.counted() == {"views": 130, "likes": 2, "comments": 1, "vendor_clicks": 4}
        assert server.problems == []
        assert len(server.calls(FEED)) == 1


@pytest.mark.parametrize("lost", [Reply(drop=True), Reply(500, body={})], ids=["no answer", "an error of Meta's"])
def test_a_post_whose_answer_was_lost_is_found_on_the_page_and_not_posted_again(lost: Reply) -> None:
    with Dialogue(facebook_page(), {FEED: lost, **told(likes=1, views=9)}) as server:
        desk = Desk(server)
        assert isinstance(desk.publish(), Unknown)
        server.answer({POSTS: shown(publication(PAGE).link, MADE_AT)})
        assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"found": 1}
        assert (desk.kept().state, desk.kept().vendor_id) == ("live", NAME)
        assert desk.settled == {publication(PAGE).message: Result(SENT, NAME)}
        assert desk.poll_at(MADE_AT + 10 * MINUTE) == {"read": 1}
        assert desk.counted()["views"] == 9
        assert desk.publish() == Accepted(NAME)
        assert (len(server.calls(FEED)), server.problems) == (1, [])


def test_a_post_that_the_page_never_shows_has_failed_and_goes_out_when_it_is_retried() -> None:
    answers: dict[str, Reply | list[Reply]] = {FEED: [Reply(drop=True), Reply(200, body={"id": NAME})], POSTS: EMPTY}
    with Dialogue(facebook_page(), answers) as server:
        desk = Desk(server)
        assert isinstance(desk.publish(), Unknown)
        desk.poll_at(MADE_AT + 5 * MINUTE)
        assert isinstance(desk.publish(), Retry)
        desk.poll_at(MADE_AT + 15 * MINUTE)
        assert desk.settled[publication(PAGE).message].code == FAILED
        assert desk.publish() == Accepted(NAME)
        assert (len(server.calls(FEED)), server.problems) == (2, [])
