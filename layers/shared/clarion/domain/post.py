"""One post for one social profile, ready to be published, and what its profile shows of it afterwards.

A `Post` that exists has something to show and a link that can be followed; whatever no vendor would take is refused
here. Nothing but the standard library is loaded.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import urlsplit

from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop

MAX_MEDIA = 20
"""What the most generous vendor, LinkedIn, takes in one post."""
CLOCK_SKEW = timedelta(minutes=2)
"""How far a vendor's clock may be behind ours."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_CONTENT_TYPE = re.compile(r"(image|video)/[a-z0-9.+-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # line feeds and tabs are text
_URL = re.compile(r"[!-~]{1,2000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMedia:
    """One picture or film. Meta fetches ``url`` (public https); LinkedIn and X are given the octets of ``load``."""

    content_type: str
    url: str
    load: Callable[[], bytes] = field(repr=False, compare=False)
    alt_text: str = ""

    def __post_init__(self) -> None:
        if not _CONTENT_TYPE.fullmatch(self.content_type):
            raise ValueError(f"neither an image nor a video: {self.content_type!r}")
        _check_url("the address of a medium", self.url)
        _check_text("the description of a medium", self.alt_text)

    @property
    def kind(self) -> Literal["image", "video"]:
        """By the content type."""
        return "image" if self.content_type.startswith("image/") else "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """ValueError says which field cannot be published.

    ``id`` is ours. ``profile_id`` is the vendor's name of the profile that publishes: a Facebook page, an Instagram
    account, a LinkedIn URN, an X user. ``link`` is our tracking link: no other post has the same, so it tells this one
    from all others. ``made_at`` (with its zone) is when we made the post: whatever a profile showed before is another.
    """

    id: str
    profile_id: str
    made_at: datetime
    text: str = ""
    link: str | None = None
    link_title: str = ""
    media: tuple[PostMedia, ...] = ()

    def __post_init__(self) -> None:
        for what, value in (("id", self.id), ("profile id", self.profile_id)):
            if not _ID.fullmatch(value):
                raise ValueError(f"not a {what}: {value!r}")
        if self.made_at.tzinfo is None:
            raise ValueError("made_at has no time zone")
        _check_text("the text", self.text)
        _check_text("the title of the link", self.link_title)
        if self.link is not None:
            _check_url("the link", self.link)
        if not (self.text.strip() or self.link or self.media):
            raise ValueError("the post is empty")
        if len(self.media) > MAX_MEDIA:
            raise ValueError(f"at most {MAX_MEDIA} media")

    @property
    def images(self) -> tuple[PostMedia, ...]:
        """The pictures among the media."""
        return tuple(medium for medium in self.media if medium.kind == "image")

    @property
    def videos(self) -> tuple[PostMedia, ...]:
        """The films among the media."""
        return tuple(medium for medium in self.media if medium.kind == "video")

    def text_with_link(self) -> str:
        """For vendors that know no link beside the text: the link is its last paragraph, unless it is in it."""
        if self.link is None or self.link in self.text:
            return self.text
        return f"{self.text.rstrip()}\n\n{self.link}".lstrip()


@dataclass(frozen=True, slots=True)
class Published:
    """A post as its profile shows it; ``links`` are the addresses that a vendor shows shortened in the text."""

    vendor_id: str
    at: datetime
    text: str
    links: tuple[str, ...] = ()

    def shows(self, post: Post) -> bool:
        """Whether this is ``post``: it has its link, or without one the same words, and is no older."""
        if self.at < post.made_at - CLOCK_SKEW:
            return False
        if post.link is not None:
            return post.link in self.links or post.link in self.text
        return bool(post.text.strip()) and self.text.split() == post.text.split()


@dataclass(frozen=True, slots=True)
class Absent:
    """The profile shows no such post. A vendor may need a minute to show a new one."""


@dataclass(frozen=True, slots=True)
class PostMetrics:
    """Totals so far; None for what the vendor does not tell. ``likes`` are reactions of every kind."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    clicks: int | None = None


def first_shown(post: Post, profile: Iterable[Published]) -> Accepted | Absent:
    """``post`` among what its profile shows."""
    return next((Accepted(each.vendor_id) for each in profile if each.shows(post)), Absent())


class PostChannel(Protocol):
    """A way for posts to be published. No method raises for what the vendor does or fails to do."""

    def publish(self, post: Post) -> Outcome:
        """Publish at most once. What the vendor refuses as a duplicate is looked for and `Accepted` when found."""
        ...

    def find(self, post: Post) -> Accepted | Absent | Retry | Stop:
        """Whether the profile shows ``post``: settles an `Unknown`."""
        ...

    def metrics(self, vendor_id: str) -> PostMetrics | Absent | Retry | Stop:
        """What an accepted post has reached; `Absent` when it has been deleted."""
        ...


class Drafts(Protocol):
    """Where vendors' names of unpublished preparations are kept, so that a repeated attempt goes on with them."""

    def kept(self, post_id: str) -> str | None:
        """What was kept last for our post."""
        ...

    def keep(self, post_id: str, draft: str) -> None:
        """Keep ``draft`` (at most 1,000 characters) before it is published."""
        ...

    def forget(self, post_id: str) -> None:
        """It is of no use any more."""
        ...


def _check_text(what: str, text: str) -> None:
    if _CONTROL.search(text):
        raise ValueError(f"{what} holds a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} holds half a character (a lone surrogate)") from None


def _check_url(what: str, url: str) -> None:
    parts = urlsplit(url)
    if not _URL.fullmatch(url) or parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{what} must be a web address in ASCII")
