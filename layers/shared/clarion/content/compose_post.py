"""From a social profile to the very post it gets: with its own tracked link."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_post import OutletPost
from clarion.domain.post import Post, PostMedia
from clarion.domain.publication import publication_id
from clarion.domain.run import Run
from clarion.domain.social_post import SocialPost
from clarion.hot.urls import TrackingUrls


class PostComposer:
    """Composes the posts of one step of a run. ``urls`` are the step's, whose first link is the content's ``link``.

    ``load`` fetches the octets of a medium by its address, when a vendor wants them; raises MediaNotLoaded.
    """

    def __init__(
        self,
        run: Run,
        step: str,
        content: SocialPost,
        urls: TrackingUrls,
        load: Callable[[str], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._run, self._step, self._content, self._urls = run, step, content, urls
        self._load, self._clock = load, clock

    def compose(self, outlet: Outlet) -> OutletPost:
        """The same id in every attempt, the time of this one. Raises ValueError where nothing can be posted."""
        run, content = self._run.id, self._content
        message = MessageRef(run.org, outlet.id, run.campaign, run.run, self._step, self._run.channel)
        media = tuple(
            PostMedia(
                content_type=medium.content_type,
                url=medium.url,
                load=partial(self._load, medium.url),
                alt_text=medium.alt_text,
            )
            for medium in content.media
        )
        post = Post(
            id=publication_id(message),
            profile_id=outlet.profile,
            made_at=self._clock(),
            text=content.text,
            link=self._urls.click(outlet.id, 0) if content.link else None,
            link_title=content.link_title,
            media=media,
        )
        return OutletPost(message, outlet, post)
