"""Posts to publish in tests, and where their drafts are kept."""

from datetime import UTC, datetime
from typing import Any

from clarion.domain.post import Post, PostMedia

MADE_AT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
LINK = "https://track.acme.example/connect/automation/01JD/1/link/click/?t=k1.01JD.AbC_dEf~"
PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"


def an_image(**changes: Any) -> PostMedia:
    """A picture with its description."""
    fields: dict[str, Any] = {
        "content_type": "image/png", "url": "https://media.acme.example/a.png", "alt_text": "A bell",
        "load": lambda: PNG,
    }  # fmt: skip
    return PostMedia(**fields | changes)


def a_film(**changes: Any) -> PostMedia:
    """A film without a description."""
    fields: dict[str, Any] = {
        "content_type": "video/mp4", "url": "https://media.acme.example/a.mp4", "load": lambda: b"film" * 10,
    }  # fmt: skip
    return PostMedia(**fields | changes)


def a_post(**changes: Any) -> Post:
    """A post with text and link, for a profile whose id suits Facebook, Instagram and X."""
    fields: dict[str, Any] = {
        "id": "p1", "profile_id": "1067280970047460", "made_at": MADE_AT, "link": LINK, "link_title": "Bells",
        "text": "Bells & whistles (new) 🎈",
    }  # fmt: skip
    return Post(**fields | changes)


class DraftsInMemory:
    """Drafts by our posts' ids."""

    def __init__(self) -> None:
        self.drafts: dict[str, str] = {}

    def kept(self, post_id: str) -> str | None:
        return self.drafts.get(post_id)

    def keep(self, post_id: str, draft: str) -> None:
        self.drafts[post_id] = draft

    def forget(self, post_id: str) -> None:
        self.drafts.pop(post_id, None)
