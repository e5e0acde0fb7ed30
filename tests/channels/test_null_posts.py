"""Posts that nobody sees."""

from clarion.channels.null_posts import NullPostChannel
from clarion.domain.outcomes import Accepted
from clarion.domain.post import Absent, PostChannel, PostMetrics
from tests.channels.posts import a_post


def test_every_post_is_accepted_and_seen_by_nobody():
    channel: PostChannel = NullPostChannel()
    assert channel.publish(a_post()) == channel.publish(a_post()) == Accepted("null-p1")
    assert channel.find(a_post()) == Absent()
    assert channel.metrics("null-p1") == PostMetrics(0, 0, 0, 0, 0)
