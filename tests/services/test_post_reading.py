"""Posts are looked for and read by what was kept of them."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from clarion.domain.errors import Conflict, NotFound
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop
from clarion.domain.post import Absent, Post, PostMetrics
from clarion.services.post_reading import PostReader
from tests.fakes.publications import MADE_AT, ORG, publication

Found = Accepted | Absent | Retry | Stop


@dataclass
class Profile:
    metrics_told: PostMetrics | Absent | Retry | Stop = field(default_factory=Absent)
    looked_for: list[Post] = field(default_factory=list)

    def publish(self, post: Post) -> Outcome:
        raise AssertionError(f"not to publish {post.id}")

    def find(self, post: Post) -> Found:
        self.looked_for.append(post)
        return Accepted("1")

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        assert vendor_id == "v-1"
        return self.metrics_told


def test_what_a_network_does_not_tell_is_left_out() -> None:
    profile = Profile(PostMetrics(views=3, likes=0, clicks=2))
    reader = PostReader(lambda org, platform, of: profile)
    told = {"views": Decimal(3), "likes": Decimal(0), "vendor_clicks": Decimal(2)}
    assert reader.figures(publication(vendor_id="v-1")) == told
    profile.metrics_told = Absent()
    assert reader.figures(publication(vendor_id="v-1")) == Absent()


def test_a_post_is_looked_for_by_what_was_kept_of_it() -> None:
    profile, asked = Profile(), list[tuple[str, str, str]]()

    def channel_of(*names: str) -> Profile:
        asked.append(names)  # type: ignore[arg-type]
        return profile

    assert PostReader(channel_of).find(publication()) == Accepted("1")
    [post] = profile.looked_for
    assert asked == [(ORG, "facebook", "1234")]
    assert (post.id, post.profile_id, post.made_at) == (publication().id, "1234", MADE_AT)
    assert (post.text, post.link) == ("Hello", publication().link)


@pytest.mark.parametrize("error", [NotFound("connection", "x"), Conflict("gone"), ValueError("no token")])
def test_a_profile_that_is_not_connected_cannot_be_asked(error: Exception) -> None:
    def refuse(*_: str) -> Profile:
        raise error

    reader = PostReader(refuse)
    assert reader.find(publication()) == Stop("NotConnected", str(error))
    assert reader.figures(publication()) == Stop("NotConnected", str(error))
