"""A social campaign whose worker dies around a call: the post is on its profile once, and the ledger learns of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from clarion.content.compose_post import PostComposer
from clarion.domain.outcomes import Accepted, Outcome, Unknown
from clarion.domain.outlet import Outlet
from clarion.domain.post import Absent, Post, PostMetrics, Published, first_shown
from clarion.domain.publication import Publication
from clarion.domain.run import BatchId, Run
from clarion.domain.social_post import SocialPost
from clarion.hot.token import Signer
from clarion.hot.urls import TrackingUrls
from clarion.services.polling import PollService
from clarion.services.post_delivery import PostDelivery
from clarion.services.post_reading import PostReader
from clarion.services.settling import SettlingService
from clarion.storage.publications import PublicationTable
from clarion.storage.settlements import SettlementTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery
from tests.fakes.world import Killed

PAGE = Outlet(platform="facebook", profile="1234", name="Shop")
SOCIAL = {
    "profiles": [{"platform": "facebook", "profile": "1234"}],
    "text": "Sale!",
    "link": "https://shop.example/sale",
}
SIGNER = Signer.of("1:" + "k" * 64)


@dataclass
class Network:
    """Shows what was published; ``faults`` happen to the next calls."""

    shown: list[Published] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    views: int = 0

    def publish(self, post: Post) -> Outcome:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "killed before":
            raise Killed
        if fault == "never arrived":
            return Unknown("no answer")
        name = f"post-{len(self.shown)}"
        self.shown.append(Published(name, post.made_at, post.text_with_link()))
        if fault == "killed after":
            raise Killed
        return Unknown("no answer") if fault == "answer lost" else Accepted(name)

    def find(self, post: Post) -> Accepted | Absent:
        return first_shown(post, self.shown)

    def metrics(self, vendor_id: str) -> PostMetrics:
        return PostMetrics(views=self.views)


class Desk(Delivery):
    """Workers that publish and a poller, on one table and one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Network()
        self.channels.connected |= {"social"}
        self.channels.profiles = [PAGE]
        self.publications = PublicationTable(self.table)
        note = lambda *_: None  # noqa: E731
        self.others["social"] = PostDelivery(lambda *_: self.network, self.publications, note, self.clock)
        ledger = SettlingService(self.runs, SettlementTable(self.table))
        readers = {"social": PostReader(lambda *_: self.network)}
        self.poller = PollService(self.publications, readers, ledger, note, self.clock)

    def _composer_of(self, run: Run, batch_id: BatchId, variant: str) -> Any:
        content = SocialPost.model_validate_json(self.runs.content(run.id, run.content_of(batch_id, variant).digest))
        urls = TrackingUrls(SIGNER, "https://track.example", ORG, CAMPAIGN, run.id.run, "1", "social")
        return PostComposer(run, run.step(batch_id).id, content, urls, lambda url: b"", self.clock)

    def post(self) -> None:
        self.launch(channels=["social"], audience=None, templateId=None, social=SOCIAL)
        self.work()
        self.recover()

    def poll_for(self, minutes: int) -> None:
        for _ in range(minutes // 5):
            self.clock.go_on(minutes=5)
            self.poller.poll(lambda: 240_000)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("fault", ["", "killed after", "answer lost"])
def test_a_post_that_is_out_counts_as_sent_in_the_end_and_is_there_once(desk: Desk, fault: str) -> None:
    desk.network.faults = [fault]
    desk.post()
    assert desk.outcomes() == ({"sent": 1} if not fault else {"unknown": 1})
    desk.poll_for(minutes=15)
    assert desk.outcomes() == {"sent": 1}
    assert len(desk.network.shown) == 1


@pytest.mark.parametrize("fault", ["killed before", "never arrived"])
def test_a_post_that_never_came_out_has_failed_in_the_end_and_a_retry_publishes_it_once(desk: Desk, fault: str) -> None:
    desk.network.faults = [fault]
    desk.post()
    assert desk.outcomes() == {"unknown": 1}
    desk.poll_for(minutes=30)
    assert desk.outcomes() == {"failed": 1}
    desk.service.retry_failed(ORG, CAMPAIGN)
    desk.work()
    desk.recover()
    assert desk.outcomes() == {"sent": 1}
    assert len(desk.network.shown) == 1


def test_a_worker_lost_before_a_repetition_is_begun_has_published_nothing(desk: Desk) -> None:
    desk.network.faults = ["never arrived"]
    desk.post()
    desk.poll_for(minutes=30)
    assert desk.outcomes() == {"failed": 1}
    begin = desk.publications.begin

    def die(publication: Publication) -> Publication | None:
        desk.publications.begin = begin  # type: ignore[method-assign]
        raise Killed

    desk.publications.begin = die  # type: ignore[method-assign]
    desk.service.retry_failed(ORG, CAMPAIGN)
    desk.work()
    desk.recover()
    assert desk.outcomes() == {"sent": 1}
    assert len(desk.network.shown) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, 26))
def test_whichever_write_a_worker_dies_at_the_post_is_out_once_and_known(desk: Desk, call: int, after: bool) -> None:
    desk.launch(channels=["social"], audience=None, templateId=None, social=SOCIAL)
    desk.table.calls, desk.table.kill_at, desk.table.after = 0, call, after
    desk.work()
    desk.table.kill_at = None
    desk.recover()
    desk.poll_for(minutes=90)
    if desk.outcomes() == {"failed": 1}:
        desk.service.retry_failed(ORG, CAMPAIGN)
        desk.work()
        desk.recover()
    assert desk.outcomes() == {"sent": 1}
    assert len(desk.network.shown) == 1
