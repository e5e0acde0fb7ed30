"""Posts of a LinkedIn organisation or member.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics
LinkedIn publishes no machine-readable contract and takes pictures, but no films, from here.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from clarion.channels.http import Answer, HttpClient
from clarion.channels.http_outcomes import asked_pause, unprocessed
from clarion.channels.linkedin_text import escape, unescape
from clarion.channels.steps import Failure, unpublished, unread
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent, Post, PostMedia, PostMetrics, Published, first_shown

API = "https://api.linkedin.com"
VERSION = "202610"
"""LinkedIn switches a version off about a year after its month; then every call answers 426."""
MAX_TEXT = 3_000
"""Characters of a commentary."""

_RECENT = 50
_FINDER = {"X-RestLi-Method": "FINDER"}
_STOPPED = {401, 402, 403, 405, 426}
_DAILY = re.compile(r"\bDAY\b")
_DUPLICATE = re.compile(r"duplicate", re.IGNORECASE)
_POST = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_DUPLICATE_CODE = "Duplicate"


class LinkedInChannel:
    """``token`` needs ``w_organization_social`` (a member's: ``w_member_social``) and ``r_organization_social``.

    Profiles are URNs, ``urn:li:organization:…`` or ``urn:li:person:…``.
    """

    def __init__(
        self,
        token: str,
        base_url: str = API,
        *,
        version: str = VERSION,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base_url, self._token = base_url, token
        self._bounds = connect_seconds, read_seconds
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        self._http, self._now = self._client(base_url, headers), now

    def publish(self, post: Post) -> Outcome:
        """The vendor id is the post's URN."""
        commentary = escape(post.text_with_link() if post.media else post.text)
        if post.videos:
            return Rejected("UnsupportedMedia", "a post on LinkedIn has pictures only")
        if len(commentary) > MAX_TEXT:
            return Rejected("TooLong", f"a post on LinkedIn has at most {MAX_TEXT} characters")
        images = []
        for image in post.images:
            uploaded = self._upload(post.profile_id, image)
            if not isinstance(uploaded, str):
                return unpublished(uploaded)
            images.append({"id": uploaded, **({"altText": image.alt_text} if image.alt_text else {})})
        answer = self._http.post_json("/rest/posts", _request(post, commentary, images))
        if isinstance(answer, Retry | Unknown):
            return answer
        if answer.status == 201:
            urn = answer.headers.get("x-restli-id", "")
            return Accepted(urn) if _POST.fullmatch(urn) else Unknown("LinkedIn answered without the post's URN")
        failure = self._failure(answer)
        if isinstance(failure, Rejected) and failure.code == _DUPLICATE_CODE:
            named = _POST.search(answer.words())
            found = Accepted(named[0]) if named else self.find(post)
            return found if isinstance(found, Accepted) else Unknown("a duplicate, not found among the latest posts")
        return failure

    def find(self, post: Post) -> Accepted | Absent | Retry | Stop:
        """Among the profile's latest posts; members' posts may be read by few apps."""
        author = quote(post.profile_id, safe="")
        found = self._get(f"/rest/posts?q=author&author={author}&count={_RECENT}&sortBy=CREATED", _FINDER)
        return first_shown(post, _shown(found)) if isinstance(found, dict) else unread(found)

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        """Of an organisation's post, for a year; of a member's, LinkedIn tells nothing."""
        shown = self._get(f"/rest/posts/{quote(vendor_id, safe='')}")
        if isinstance(shown, Rejected) and shown.code == "404":
            return Absent()
        if not isinstance(shown, dict):
            return unread(shown)
        profile = str(shown.get("author"))
        return self._statistics(profile, vendor_id) if ":organization:" in profile else PostMetrics()

    def _statistics(self, profile: str, vendor_id: str) -> PostMetrics | Retry | Stop:
        kind = "ugcPosts" if ":ugcPost:" in vendor_id else "shares"
        author, named = quote(profile, safe=""), quote(vendor_id, safe="")
        # Parentheses that are syntax must not be percent-encoded.
        query = f"q=organizationalEntity&organizationalEntity={author}&{kind}=List({named})"
        found = self._get(f"/rest/organizationalEntityShareStatistics?{query}")
        if not isinstance(found, dict):
            return unread(found)
        elements = _elements(found)  # none before the first reader
        total = elements[0].get("totalShareStatistics") if elements else None
        counts: Mapping[str, Any] = total if isinstance(total, dict) else {}
        names = ("impressionCount", "likeCount", "commentCount", "shareCount", "clickCount")
        return PostMetrics(*(counts.get(name) for name in names))

    def _upload(self, owner: str, image: PostMedia) -> str | Failure:
        """The URN of an image that no post shows yet."""
        request = {"initializeUploadRequest": {"owner": owner}}
        answer = self._http.post_json("/rest/images?action=initializeUpload", request)
        told = self._read(answer)
        if not isinstance(told, dict):
            return told
        value = told.get("value")
        urn, url = (value.get("image"), value.get("uploadUrl")) if isinstance(value, dict) else (None, None)
        if not isinstance(urn, str) or not isinstance(url, str):
            return Unknown("LinkedIn answered without an address to upload to")
        put = self._put(url, image)
        if isinstance(put, Answer) and 200 <= put.status < 300:
            return urn
        return self._failure(put) if isinstance(put, Answer) else put

    def _put(self, url: str, image: PostMedia) -> Answer | Failure:
        """The token goes along, so the address must be LinkedIn's."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host.endswith(".linkedin.com") and parts.netloc != urlsplit(self._base_url).netloc:
            return Stop("UploadAddress", "LinkedIn named an address to upload to that is not its own")
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            http = self._client(f"{parts.scheme}://{parts.netloc}", headers)
        except ValueError as error:
            return Stop("UploadAddress", str(error))
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return http.request("PUT", path, body=image.load(), headers={"Content-Type": image.content_type})

    def _client(self, base_url: str, headers: Mapping[str, str]) -> HttpClient:
        connect, read = self._bounds
        return HttpClient(
            base_url, headers=headers, secrets=[self._token], connect_seconds=connect, read_seconds=read, connections=1
        )

    def _get(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any] | Failure:
        return self._read(self._http.request("GET", path, headers=headers))

    def _read(self, answer: Answer | Retry | Unknown) -> dict[str, Any] | Failure:
        if not isinstance(answer, Answer):
            return answer
        if 200 <= answer.status < 300:
            found = answer.json()
            return found if isinstance(found, dict) else Unknown("LinkedIn answered something unreadable")
        return self._failure(answer)

    def _failure(self, answer: Answer) -> Failure:
        told = answer.json()
        message = told.get("message") if isinstance(told, dict) else None
        words = answer.words(message)
        if answer.status == 429:
            return Retry(self._pause(answer, words), words, throttled=True)
        outcome = unprocessed(answer, self._now())
        if outcome is not None:
            return outcome
        if answer.status in (400, 409, 422) and _DUPLICATE.search(answer.words()):
            return Rejected(_DUPLICATE_CODE, words)
        return (Stop if answer.status in _STOPPED else Rejected)(str(answer.status), words)

    def _pause(self, answer: Answer, words: str) -> float | None:
        """Daily allowances begin anew at midnight UTC."""
        asked = asked_pause(answer, self._now())
        if asked is not None or not _DAILY.search(words):
            return asked
        at = datetime.fromtimestamp(self._now(), UTC)
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return (midnight - at).total_seconds()


def _request(post: Post, commentary: str, images: list[dict[str, str]]) -> dict[str, Any]:
    content: dict[str, Any] | None = None
    if len(images) == 1:
        content = {"media": images[0]}
    elif images:
        content = {"multiImage": {"images": images}}
    elif post.link:
        content = {"article": {"source": post.link, "title": (post.link_title or post.link)[:400]}}
    return {
        "author": post.profile_id,
        "commentary": commentary,
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        **({"content": content} if content else {}),
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def _elements(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    elements = found.get("elements")
    return [each for each in elements if isinstance(each, dict)] if isinstance(elements, list) else []


def _shown(found: Mapping[str, Any]) -> Iterator[Published]:
    for each in _elements(found):
        urn, at = each.get("id"), each.get("createdAt")
        if isinstance(urn, str) and isinstance(at, int):
            content = each.get("content")
            article = content.get("article") if isinstance(content, dict) else None
            source = article.get("source") if isinstance(article, dict) else None
            text = unescape(str(each.get("commentary") or ""))
            links = (source,) if isinstance(source, str) else ()
            yield Published(urn, datetime.fromtimestamp(at / 1000, UTC), text, links)
