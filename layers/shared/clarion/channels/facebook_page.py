"""Posts of a Facebook page (https://developers.facebook.com/docs/pages-api/posts).

One call publishes: pictures are uploaded unpublished before it and attached. A film is a post by itself.
"""

from collections.abc import Iterator

from clarion.channels.graph import Graph, Json, lifetime_values, listed, moment, name_of, number
from clarion.channels.graph_outcomes import DUPLICATE, GONE
from clarion.channels.steps import Failure, unpublished, unread
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, Post, PostMetrics, Published, first_shown

MAX_TEXT = 63_206
"""Characters of a post."""
MAX_IMAGES = 10

_RECENT = 50  # posts looked through for one of ours
_COUNTS = "shares,reactions.summary(true).limit(0),comments.summary(true).limit(0)"
_FILM_COUNTS = "views,likes.summary(true).limit(0),comments.summary(true).limit(0)"
_SHOWN = "id,message,created_time,attachments{unshimmed_url}"


class FacebookPageChannel:
    """``graph`` holds the page's token, with ``pages_manage_posts`` and ``pages_read_engagement``."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def publish(self, post: Post) -> Outcome:
        """The vendor id is ``<page>_<post>``, that of a film a number alone."""
        refusal = _refusal(post)
        if refusal is not None:
            return refusal
        published = self._publish_film(post) if post.videos else self._publish_feed(post)
        if isinstance(published, Rejected) and published.code == DUPLICATE:
            found = self.find(post)
            return (
                found
                if isinstance(found, Accepted)
                else Unknown("the page has a post like this, not found among its latest")
            )
        if not isinstance(published, dict):
            return published
        name = name_of(published)
        return Accepted(name) if name else Unknown("Meta answered without an id")

    def find(self, post: Post) -> Accepted | Absent | Retry | Stop:
        """Among the page's latest posts."""
        found = self._graph.get(f"{post.profile_id}/published_posts", fields=_SHOWN, limit=_RECENT)
        return first_shown(post, _shown(found)) if isinstance(found, dict) else unread(found)

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        """Views and clicks are None for pages whose insights Meta keeps back (under 100 followers)."""
        film = "_" not in vendor_id
        counts = self._graph.get(vendor_id, fields=_FILM_COUNTS if film else _COUNTS)
        if isinstance(counts, Rejected) and counts.code == GONE:
            return Absent()
        if not isinstance(counts, dict):
            return unread(counts)
        told = {} if film else self._insights(vendor_id)
        shares = counts.get("shares")
        return PostMetrics(
            views=number(counts.get("views")) if film else told.get("post_media_view"),
            likes=_total(counts.get("likes" if film else "reactions")),
            comments=_total(counts.get("comments")),
            shares=None if film else number(shares.get("count") if isinstance(shares, dict) else 0),
            clicks=told.get("post_clicks"),
        )

    def _publish_film(self, post: Post) -> Json | Failure:
        [film] = post.videos
        text = post.text_with_link()
        return self._graph.post(f"{post.profile_id}/videos", file_url=film.url, description=text or None)

    def _publish_feed(self, post: Post) -> Json | Failure:
        if not post.images:
            return self._graph.post(f"{post.profile_id}/feed", message=post.text or None, link=post.link)
        attached = []
        for image in post.images:
            photo = self._graph.post(
                f"{post.profile_id}/photos", url=image.url, published=False, alt_text_custom=image.alt_text or None
            )
            name = name_of(photo) if isinstance(photo, dict) else None
            if not isinstance(photo, dict):
                return unpublished(photo)
            if name is None:
                return Retry(None, "Meta answered without a photo's id")
            attached.append({"media_fbid": name})
        text = post.text_with_link()
        return self._graph.post(f"{post.profile_id}/feed", message=text or None, attached_media=attached)

    def _insights(self, vendor_id: str) -> dict[str, int | None]:
        found = self._graph.get(f"{vendor_id}/insights", metric="post_media_view,post_clicks", period="lifetime")
        return lifetime_values(found) if isinstance(found, dict) else {}


def _refusal(post: Post) -> Rejected | None:
    if len(post.text_with_link()) > MAX_TEXT:
        return Rejected("TooLong", f"a post on Facebook has at most {MAX_TEXT} characters")
    if len(post.videos) > 1 or (post.videos and post.images):
        return Rejected("UnsupportedMedia", "a post on Facebook has pictures or one film")
    if len(post.images) > MAX_IMAGES:
        return Rejected("UnsupportedMedia", f"a post on Facebook has at most {MAX_IMAGES} pictures")
    return None


def _shown(found: Json) -> Iterator[Published]:
    for each in listed(found):
        name = name_of(each)
        at = moment(each.get("created_time"))
        if name is not None and at is not None:
            attachments = each.get("attachments")
            links = (
                [attached.get("unshimmed_url") for attached in listed(attachments)]
                if isinstance(attachments, dict)
                else []
            )
            yield Published(
                name, at, str(each.get("message") or ""), tuple(link for link in links if isinstance(link, str))
            )


def _total(edge: object) -> int | None:
    summary = edge.get("summary") if isinstance(edge, dict) else None
    return number(summary.get("total_count")) if isinstance(summary, dict) else None
