"""What each network takes of a post, as far as it is certain before anything is published (docs/posts.md).

A network's adapter looks at the finished post, with its link and its own way of counting, once more.
"""

from dataclasses import dataclass

from clarion.domain.social_post import SocialPost

Fault = tuple[str, str]
"""A field by its JSON name, and the reason."""


@dataclass(frozen=True)
class PostLimits:
    """``text`` is in characters; None where the network counts in its own way, or takes more than a campaign can say.
    ``alone``: a film has no picture beside it.
    """

    network: str
    text: int | None
    pictures: int
    films: int
    alone: bool = True
    needs_media: bool = False


LIMITS = {
    "facebook": PostLimits("Facebook", None, pictures=10, films=1),
    "instagram": PostLimits("Instagram", 2_200, pictures=10, films=10, alone=False, needs_media=True),
    "linkedin": PostLimits("LinkedIn", 3_000, pictures=20, films=0),
    "x": PostLimits("X", None, pictures=4, films=1),
}
"""By platform; others take anything."""


def post_fault(post: SocialPost, platform: str) -> Fault | None:
    """Why ``platform`` would refuse the post for certain; None where it may take it."""
    limits = LIMITS.get(platform)
    if limits is None:
        return None
    films = sum(medium.content_type.startswith("video/") for medium in post.media)
    pictures = len(post.media) - films
    if limits.text is not None and len(post.text) > limits.text:
        return "text", f"a post on {limits.network} has at most {limits.text:,} characters"
    if limits.needs_media and not post.media:
        return "media", f"a post on {limits.network} needs a picture or a film"
    crowded = not limits.alone and len(post.media) > limits.pictures
    mixed = limits.alone and films and pictures
    if films > limits.films or pictures > limits.pictures or crowded or mixed:
        return "media", f"a post on {limits.network} has {_media(limits)}"
    return None


def _media(limits: PostLimits) -> str:
    if not limits.alone:
        return f"at most {limits.pictures} pictures and films together"
    if not limits.films:
        return f"at most {limits.pictures} pictures, and no film"
    return f"at most {limits.pictures} pictures, or one film"
