"""A post is kept before its vendor is called, published once, and known for what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from clarion.domain.errors import NotFound
from clarion.domain.media import MediaNotLoaded
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.outlet_post import OutletPost
from clarion.domain.post import Absent, Post, PostMetrics
from clarion.domain.publication import Publication, PublicationState
from clarion.services.post_delivery import PostDelivery
from tests.fakes.publications import MADE_AT, PAGE, PublicationsInMemory, publication

NOW = MADE_AT + timedelta(seconds=20)
REJECTED, RETRY, STOP = Rejected("TooLong", "too long"), Retry(None, "busy"), Stop("190", "the token has ended")


@dataclass
class Profile:
    """Answers what it was given, call after call, and remembers what it was asked to publish."""

    answers: list[Outcome]
    shown: list[Post] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def publish(self, post: Post) -> Outcome:
        self.before()
        self.shown.append(post)
        return self.answers.pop(0)

    def find(self, post: Post) -> Absent:
        raise AssertionError(f"not asked for {post.id}")

    def metrics(self, vendor_id: str) -> PostMetrics:
        raise AssertionError(f"not asked for {vendor_id}")


class Desk:
    def __init__(self, *answers: Outcome) -> None:
        self.publications, self.profile = PublicationsInMemory(), Profile(list(answers))
        self.notes: list[tuple[str, Outcome]] = []
        self.delivery = PostDelivery(
            lambda platform, profile: self.profile,
            self.publications,
            lambda platform, outcome: self.notes.append((platform, outcome)),
            lambda: NOW,
        )

    def send(self, minutes: int = 0) -> Outcome:
        [outcome] = self.delivery.send([a_post(minutes)])
        return outcome

    def kept(self) -> Publication | None:
        return self.publications.get(publication().message)


def a_post(minutes: int = 0) -> OutletPost:
    made = publication(made_at=MADE_AT + timedelta(minutes=minutes))
    post = Post(id=made.id, profile_id=PAGE.profile, made_at=made.made_at, text=made.text, link=made.link)
    return OutletPost(made.message, PAGE, post)


def test_a_post_is_kept_before_its_vendor_is_called_and_is_live_after() -> None:
    desk, seen = Desk(Accepted("1234_5678")), list[Publication | None]()
    desk.profile.before = lambda: seen.append(desk.kept())
    assert desk.send() == Accepted("1234_5678")
    assert [each.state for each in seen if each] == [PublicationState.CALLING]
    kept = desk.kept()
    assert kept is not None
    assert (kept.state, kept.vendor_id, kept.published_at) == ("live", "1234_5678", NOW)
    assert kept.next_poll == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("outcome", [REJECTED, RETRY, STOP], ids=lambda outcome: type(outcome).__name__)
def test_what_was_not_published_leaves_nothing_and_may_be_tried_again(outcome: Outcome) -> None:
    desk = Desk(outcome, Accepted("1234_5678"))
    assert desk.send() == outcome
    assert desk.kept() is None
    assert desk.send(minutes=3) == Accepted("1234_5678")


def test_what_may_be_published_waits_to_be_looked_for_and_is_not_repeated() -> None:
    desk = Desk(Unknown("no answer"))
    assert desk.send() == Unknown("no answer")
    kept = desk.kept()
    assert kept is not None
    assert (kept.state, kept.next_poll) == ("calling", MADE_AT + timedelta(minutes=5))
    assert desk.send(minutes=3) == Retry(600, "an earlier attempt is being looked for")
    assert len(desk.profile.shown) == 1


def test_pictures_that_may_be_published_stay_unknown_since_nobody_could_find_them() -> None:
    desk = Desk(Unknown("no answer"))
    desk.publications.begin(publication(text="", link=None))
    assert isinstance(desk.send(minutes=3), Unknown)
    assert desk.profile.shown == []


def test_what_is_published_already_is_told_again_and_not_repeated() -> None:
    desk = Desk(Accepted("1234_5678"))
    assert [desk.send(), desk.send(minutes=3)] == [Accepted("1234_5678")] * 2
    assert len(desk.profile.shown) == 1


def test_a_worker_that_dies_in_the_call_leaves_what_is_needed_to_find_the_post() -> None:
    desk = Desk()
    with pytest.raises(IndexError):  # the vendor's answer never came
        desk.send()
    kept = desk.kept()
    assert kept is not None
    assert (kept.state, kept.text, kept.link) == ("calling", "Hello", publication().link)


@pytest.mark.parametrize("error", [NotFound("connection", "facebook"), ValueError("there is no token")])
def test_a_profile_that_is_not_connected_stops_the_run_and_leaves_nothing(error: Exception) -> None:
    desk = Desk()

    def refuse(platform: str, profile: str) -> Profile:
        raise error

    delivery = PostDelivery(refuse, desk.publications, lambda platform, outcome: None, lambda: NOW)
    assert delivery.send([a_post()]) == [Stop("NotConnected", str(error))]
    assert desk.kept() is None


@pytest.mark.parametrize("outcome", [RETRY, REJECTED], ids=lambda outcome: type(outcome).__name__)
def test_media_that_cannot_be_had_are_no_fault_of_the_platform(outcome: Rejected | Retry) -> None:
    desk = Desk()

    def fail() -> None:
        raise MediaNotLoaded(outcome)

    desk.profile.before = fail
    assert desk.send() == outcome
    assert (desk.kept(), desk.notes) == (None, [])


def test_how_a_platform_fares_is_told() -> None:
    desk = Desk(STOP, Accepted("1"))
    desk.send()
    desk.send()
    assert desk.notes == [("facebook", STOP), ("facebook", Accepted("1"))]


def test_posts_are_published_one_by_one() -> None:
    with pytest.raises(ValueError, match="one by one"):
        Desk().delivery.send([a_post(), a_post()])
