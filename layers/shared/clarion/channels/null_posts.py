"""The social profile that leads nowhere, for development: every post is accepted, nobody sees it."""

from clarion.domain.outcomes import Accepted
from clarion.domain.post import Absent, Post, PostMetrics


class NullPostChannel:
    """The vendor id follows from the post's, so that a rerun gives the same."""

    def publish(self, post: Post) -> Accepted:
        """Always `Accepted`."""
        return Accepted(f"null-{post.id}")

    def find(self, _post: Post) -> Absent:
        """Nothing is kept."""
        return Absent()

    def metrics(self, _vendor_id: str) -> PostMetrics:
        """Nobody has seen it."""
        return PostMetrics(0, 0, 0, 0, 0)
