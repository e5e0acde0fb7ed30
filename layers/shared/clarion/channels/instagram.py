"""Posts of an Instagram account (https://developers.facebook.com/docs/instagram-platform/content-publishing).

A post is prepared as a container, which Meta fills with the media it fetches, and published from it. One container can
be published once only, and tells whether it was: so its id is kept, and a repeated attempt goes on with it.
"""

import time
from collections.abc import Callable, Iterator

from clarion.channels.graph import Graph, Json, lifetime_values, listed, moment, name_of
from clarion.channels.graph_outcomes import GONE
from clarion.channels.steps import Failure, unpublished, unread
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, Drafts, Post, PostMedia, PostMetrics, Published, first_shown

MAX_TEXT = 2_200
"""Characters of a caption."""
MAX_MEDIA = 10

_RECENT = 50
_POLLS = 5
_POLL_SECONDS = 2.0
_LATER_SECONDS = 30.0
"""A film takes minutes to be prepared: the attempt is given up after `_POLLS` looks and goes on after this pause."""


class InstagramChannel:
    """``graph`` holds a token with ``instagram_content_publish``; ``wait`` passes seconds between looks."""

    def __init__(self, graph: Graph, drafts: Drafts, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._graph, self._drafts, self._wait = graph, drafts, wait

    def publish(self, post: Post) -> Outcome:
        """The vendor id is that of the medium."""
        refusal = _refusal(post)
        if refusal is not None:
            return refusal
        container = self._drafts.kept(post.id) or self._prepare(post)
        if not isinstance(container, str):
            return unpublished(container)
        state = self._state(container)
        if not isinstance(state, str):
            if isinstance(state, Rejected):
                self._drafts.forget(post.id)
            return Retry(None, state.reason) if isinstance(state, Rejected) else unpublished(state)
        if state == "PUBLISHED":
            found = self.find(post)
            return found if isinstance(found, Accepted) else Unknown("published before, not found among the latest")
        if state == "IN_PROGRESS":
            return Retry(_LATER_SECONDS, "Instagram is still preparing the media")
        if state != "FINISHED":
            self._drafts.forget(post.id)
            # It expires a day after it was made, unpublished; ERROR is Meta's verdict on the media.
            return (
                Retry(None, "the container expired")
                if state == "EXPIRED"
                else Rejected(state, "Instagram cannot use the media")
            )
        published = self._graph.post(f"{post.profile_id}/media_publish", creation_id=container)
        if not isinstance(published, dict):
            return published
        name = name_of(published)
        return Accepted(name) if name else Unknown("Meta answered without an id")

    def find(self, post: Post) -> Accepted | Absent | Retry | Stop:
        """Among the account's latest media, unless the kept container says that it was never published."""
        container = self._drafts.kept(post.id)
        if container is not None:
            told = self._graph.get(container, fields="status_code")
            if isinstance(told, dict) and told.get("status_code") in ("IN_PROGRESS", "FINISHED", "ERROR"):
                return Absent()
        found = self._graph.get(f"{post.profile_id}/media", fields="id,caption,timestamp", limit=_RECENT)
        return first_shown(post, _shown(found)) if isinstance(found, dict) else unread(found)

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        """Instagram counts no clicks: a caption's link cannot be followed."""
        found = self._graph.get(f"{vendor_id}/insights", metric="views,likes,comments,shares")
        if isinstance(found, Rejected) and found.code == GONE:
            return Absent()
        if not isinstance(found, dict):
            return unread(found)
        told = lifetime_values(found)
        return PostMetrics(told.get("views"), told.get("likes"), told.get("comments"), told.get("shares"))

    def _prepare(self, post: Post) -> str | Failure:
        if len(post.media) == 1:
            container = self._create(
                post.profile_id, **_medium(post.media[0], alone=True), caption=post.text_with_link()
            )
        else:
            items = []
            for medium in post.media:
                item = self._create(post.profile_id, **_medium(medium, alone=False), is_carousel_item=True)
                if not isinstance(item, str):
                    return item
                items.append(item)
            container = self._create(
                post.profile_id, media_type="CAROUSEL", children=items, caption=post.text_with_link()
            )
        if isinstance(container, str):
            self._drafts.keep(post.id, container)
        return container

    def _create(self, account: str, **fields: object) -> str | Failure:
        made = self._graph.post(f"{account}/media", **fields)
        if not isinstance(made, dict):
            return made
        return name_of(made) or Unknown("Meta answered without a container's id")

    def _state(self, container: str) -> str | Failure:
        """FINISHED, PUBLISHED, EXPIRED or ERROR; IN_PROGRESS when it takes too long."""
        for look in range(_POLLS):
            if look:
                self._wait(_POLL_SECONDS)
            found = self._graph.get(container, fields="status_code")
            if not isinstance(found, dict):
                return found
            told = found.get("status_code")
            if not isinstance(told, str):
                return Unknown("Meta answered without the container's state")
            if told != "IN_PROGRESS":
                return told
        return "IN_PROGRESS"


def _medium(medium: PostMedia, *, alone: bool) -> Json:
    if medium.kind == "image":
        return {"image_url": medium.url, "alt_text": medium.alt_text or None}
    return {"media_type": "REELS" if alone else "VIDEO", "video_url": medium.url}


def _refusal(post: Post) -> Rejected | None:
    if not post.media:
        return Rejected("UnsupportedMedia", "a post on Instagram needs a picture or a film")
    if len(post.media) > MAX_MEDIA:
        return Rejected("UnsupportedMedia", f"a post on Instagram has at most {MAX_MEDIA} media")
    if len(post.text_with_link()) > MAX_TEXT:
        return Rejected("TooLong", f"a caption on Instagram has at most {MAX_TEXT} characters")
    return None


def _shown(found: Json) -> Iterator[Published]:
    for each in listed(found):
        name, at = name_of(each), moment(each.get("timestamp"))
        if name is not None and at is not None:
            yield Published(name, at, str(each.get("caption") or ""))
