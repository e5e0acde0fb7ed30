"""Posts on X (https://docs.x.com/x-api/posts/create-post). X bills each call, so nothing is asked twice."""

import html
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from clarion.channels.steps import Failure, unpublished, unread
from clarion.channels.x_client import DUPLICATE, Json, XClient, data_of
from clarion.channels.x_media import XMedia
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import CLOCK_SKEW, Absent, Drafts, Post, PostMetrics, Published, first_shown

MAX_IMAGES = 4

_RECENT = 50


class XChannel:
    """``client`` holds the user's token. Uploaded media are kept in ``drafts`` until they are posted."""

    def __init__(self, client: XClient, drafts: Drafts, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._client, self._drafts = client, drafts
        self._media = XMedia(client, wait=wait)

    def publish(self, post: Post) -> Outcome:
        """The vendor id is the post's number. X itself counts the text: links 23, wide characters 2 each."""
        if len(post.media) > MAX_IMAGES or (post.videos and len(post.media) > 1):
            return Rejected("UnsupportedMedia", f"a post on X has up to {MAX_IMAGES} pictures or one film")
        media = self._media_ids(post) if post.media else []
        if not isinstance(media, list):
            return unpublished(media)
        request = {"text": post.text_with_link(), **({"media": {"media_ids": media}} if media else {})}
        published = self._client.post_json("/2/tweets", request)
        if isinstance(published, Rejected) and published.code == DUPLICATE:
            found = self.find(post)
            return found if isinstance(found, Accepted) else Unknown("a duplicate, not found among the latest posts")
        if not isinstance(published, dict):
            return published
        name = data_of(published).get("id")
        return Accepted(name) if isinstance(name, str) and name else Unknown("X answered without the post's id")

    def find(self, post: Post) -> Accepted | Absent | Retry | Stop:
        """Among the user's latest posts."""
        since = (post.made_at - CLOCK_SKEW).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"max_results": str(_RECENT), "start_time": since, "post.fields": "created_at,entities"}
        found = self._client.get(f"/2/users/{post.profile_id}/tweets", query)
        return first_shown(post, _shown(found)) if isinstance(found, dict) else unread(found)

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        """Shares are reposts and quotes. X tells clicks for a month only, so they are left to our own links."""
        found = self._client.get(f"/2/tweets/{vendor_id}", {"post.fields": "public_metrics"})
        if isinstance(found, Rejected) and found.code == "404":
            return Absent()
        if not isinstance(found, dict):
            return unread(found)
        if not data_of(found):
            return Absent()  # X reports a deleted post as an error in an answer of 200
        counts = data_of(found).get("public_metrics")
        told: Json = counts if isinstance(counts, dict) else {}
        shares = [told[name] for name in ("repost_count", "quote_count") if isinstance(told.get(name), int)]
        return PostMetrics(
            told.get("impression_count"),
            told.get("like_count"),
            told.get("reply_count"),
            sum(shares) if shares else None,
        )

    def _media_ids(self, post: Post) -> list[str] | Failure:
        kept = self._drafts.kept(post.id)
        names = kept.split(",") if kept else self._upload(post)
        if not isinstance(names, list):
            return names
        for name in names:
            failure = self._media.prepared(name)
            if isinstance(failure, Rejected):
                self._drafts.forget(post.id)
                # Media that were kept may have expired; what X has only just taken is at fault itself.
                return Retry(None, failure.reason) if kept else failure
            if failure is not None:
                return failure
        return names

    def _upload(self, post: Post) -> list[str] | Failure:
        names = []
        for medium in post.media:
            name = self._media.upload(medium)
            if not isinstance(name, str):
                return name
            names.append(name)
        self._drafts.keep(post.id, ",".join(names))
        return names


def _shown(found: Json) -> Iterator[Published]:
    data = found.get("data")
    for each in data if isinstance(data, list) else []:
        try:
            at = datetime.fromisoformat(each["created_at"])
            entities: dict[str, Any] = each.get("entities") or {}
            links = [url.get("expanded_url") for url in entities.get("urls") or []]
            text = html.unescape(each["text"])  # X escapes &, < and >
            yield Published(each["id"], at, text, tuple(link for link in links if isinstance(link, str)))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
