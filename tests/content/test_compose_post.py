"""A post as one profile gets it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion.content.compose_post import PostComposer
from clarion.domain.outlet import Outlet
from clarion.domain.run import Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.social_post import Medium, SocialPost
from clarion.hot.token import Signer
from clarion.hot.urls import TrackingUrls
from tests.fakes.publications import CAMPAIGN, ORG

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PAGE = Outlet(platform="facebook", profile="1234", name="Our page")
ACCOUNT = Outlet(platform="x", profile="99")
SIGNER = Signer.of("1:" + "k" * 64)
LOADED: list[str] = []


def load(url: str) -> bytes:
    LOADED.append(url)
    return b"octets"


def composer(run: int = 1, **content: Any) -> PostComposer:
    plan = RunPlan(
        channel="social",
        outlets=(PAGE, ACCOUNT),
        steps=(RunStep(id="1", contents={"": RunContent(digest="d")}),),
        base=NOW,
    )
    urls = TrackingUrls(SIGNER, "https://track.example", ORG, CAMPAIGN, run, "1", "social")
    given = Run(RunId(ORG, CAMPAIGN, run), RunStatus.RUNNING, NOW, plan)
    return PostComposer(given, "1", SocialPost(**content), urls, load, lambda: NOW)


def test_a_profile_gets_the_text_and_a_link_that_is_its_own() -> None:
    posts = [
        composer(text="Hello", link="https://shop.example/sale", link_title="Sale").compose(o) for o in (PAGE, ACCOUNT)
    ]
    links = [each.post.link for each in posts]
    assert len(set(links)) == 2
    for outlet, each in zip((PAGE, ACCOUNT), posts, strict=True):
        post = each.post
        assert (each.outlet, each.message.contact, post.profile_id) == (outlet, outlet.id, outlet.profile)
        assert (post.text, post.link_title, post.made_at) == ("Hello", "Sale", NOW)
        parts = urlsplit(str(post.link))
        assert parts.path == f"/connect/automation/{CAMPAIGN}/1/link/click/"
        ticket = SIGNER.read("click", CAMPAIGN, "1", parse_qs(parts.query)["t"][0])
        assert ticket is not None
        assert (ticket.contact, ticket.channel, ticket.link) == (outlet.id, "social", 0)


def test_a_post_without_a_link_has_none() -> None:
    assert composer(text="Hello").compose(PAGE).post.link is None


def test_a_posts_id_is_the_same_in_every_attempt_and_another_in_each_run_and_profile() -> None:
    first, again = (composer(text="Hello").compose(PAGE).post.id for _ in range(2))
    assert first == again
    assert (
        len({first, composer(2, text="Hello").compose(PAGE).post.id, composer(text="x").compose(ACCOUNT).post.id}) == 3
    )


def test_media_are_fetched_when_a_vendor_wants_their_octets_and_not_before() -> None:
    LOADED.clear()
    medium = Medium(url="https://media.example/a.png", content_type="image/png", alt_text="A bell")
    [composed] = composer(text="Hello", media=(medium,)).compose(PAGE).post.media
    assert (composed.url, composed.content_type, composed.alt_text) == (medium.url, "image/png", "A bell")
    assert LOADED == []
    assert composed.load() == b"octets"
    assert LOADED == ["https://media.example/a.png"]


def test_nothing_to_show_is_no_post() -> None:
    with pytest.raises(ValueError, match="empty"):
        composer(text="  ").compose(PAGE)
