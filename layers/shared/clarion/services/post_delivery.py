"""Publishing posts: what is known of each is kept before and after its vendor is called."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from clarion.domain.errors import DomainError
from clarion.domain.media import MediaNotLoaded
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop, Unknown
from clarion.domain.outlet_post import OutletPost
from clarion.domain.post import PostChannel
from clarion.domain.publication import BETWEEN_LOOKS, Publication


class Publications(Protocol):
    def begin(self, publication: Publication) -> Publication | None:
        """Keep it as ``calling``; the earlier attempt that stands in its way, if any."""

    def published(self, publication: Publication, vendor_id: str, at: datetime) -> Publication: ...
    def failed(self, publication: Publication) -> None: ...


class PostDelivery:
    """What an organisation's posts leave by, as `SendService` sees it.

    ``channel_of`` gives the channel of a platform's profile; raises DomainError or ValueError where there is none.
    ``note`` hears what each platform made of a post, and never raises.
    """

    max_batch = 1

    def __init__(
        self,
        channel_of: Callable[[str, str], PostChannel],
        publications: Publications,
        note: Callable[[str, Outcome], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._channel_of, self._publications, self._note, self._clock = channel_of, publications, note, clock

    def send(self, messages: Sequence[OutletPost]) -> list[Outcome]:
        """Publish one post, at most once: what an earlier attempt has published is told again, not repeated."""
        if len(messages) > self.max_batch:
            raise ValueError("posts are published one by one")
        return [self._publish(message) for message in messages]

    def _publish(self, message: OutletPost) -> Outcome:
        outlet, post = message.outlet, message.post
        try:
            channel = self._channel_of(outlet.platform, outlet.profile)
        except (DomainError, ValueError) as error:
            return Stop("NotConnected", str(error))
        publication = Publication(
            message=message.message, outlet=outlet, made_at=post.made_at, text=post.text, link=post.link
        )
        earlier = self._publications.begin(publication)
        if earlier is not None:
            return _after(earlier)
        try:
            outcome = channel.publish(post)
            self._note(outlet.platform, outcome)
        except MediaNotLoaded as error:  # media are loaded before the call that publishes
            outcome = error.outcome
        if isinstance(outcome, Accepted):
            self._publications.published(publication, outcome.vendor_id, self._clock())
        elif not isinstance(outcome, Unknown):
            self._publications.failed(publication)
        return outcome


def _after(earlier: Publication) -> Outcome:
    """What an earlier attempt leaves to be said: nothing is published while one may have been."""
    if earlier.published:
        return Accepted(earlier.vendor_id)
    if earlier.recognisable:
        return Retry(BETWEEN_LOOKS.total_seconds(), "an earlier attempt is being looked for")
    return Unknown("an earlier attempt may have been published")
