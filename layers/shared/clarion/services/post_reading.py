"""Reading what became of posts: whether one is out, and what it has reached."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal

from clarion.domain.errors import DomainError
from clarion.domain.outcomes import Accepted, Retry, Stop
from clarion.domain.post import Absent, Post, PostChannel, PostMetrics
from clarion.domain.publication import Publication

_METRICS = {name: name for name in ("views", "likes", "comments", "shares")} | {"clicks": "vendor_clicks"}
"""By what the channel calls it: clicks on our links are counted by ourselves."""


class PostReader:
    """``channel_of`` gives the channel of an organisation, platform and profile; raises DomainError or ValueError."""

    def __init__(self, channel_of: Callable[[str, str, str], PostChannel]) -> None:
        self._channel_of = channel_of

    def find(self, publication: Publication) -> Accepted | Absent | Retry | Stop:
        """Whether its profile shows it."""
        channel = self._channel(publication)
        if isinstance(channel, Stop):
            return channel
        post = Post(
            id=publication.id,
            profile_id=publication.outlet.profile,
            made_at=publication.made_at,
            text=publication.text,
            link=publication.link,
        )
        return channel.find(post)

    def figures(self, publication: Publication) -> Mapping[str, Decimal] | Absent | Retry | Stop:
        """Its totals so far, without those the vendor does not tell."""
        channel = self._channel(publication)
        if isinstance(channel, Stop):
            return channel
        found = channel.metrics(publication.vendor_id)
        if not isinstance(found, PostMetrics):
            return found
        told = {_METRICS[name]: total for name, total in asdict(found).items() if isinstance(total, int)}
        return {name: Decimal(total) for name, total in told.items()}

    def _channel(self, publication: Publication) -> PostChannel | Stop:
        outlet = publication.outlet
        try:
            return self._channel_of(publication.message.org, outlet.platform, outlet.profile)
        except (DomainError, ValueError) as error:
            return Stop("NotConnected", str(error))
