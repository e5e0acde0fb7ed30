"""What a vendor tells of people and our posts: a reaction, a comment, a share, a filled-in lead form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Reaction = Literal["like", "comment", "share"]


@dataclass(frozen=True, slots=True)
class PostReaction:
    """Somebody has reacted to a post of ``profile_id``, or (``added`` False) taken it back.

    ``post_id`` is the vendor's, as `clarion.domain.outcomes.Accepted` has it. ``event_id`` is the same when the same is
    told again. ``text`` is a comment's.
    """

    source: str
    profile_id: str
    post_id: str
    kind: Reaction
    added: bool
    at: datetime
    event_id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class LeadFormFilled:
    """Somebody has filled in a form of an ad; what they wrote is fetched by ``event_id``."""

    source: str
    profile_id: str
    form_id: str
    ad_id: str | None
    at: datetime
    event_id: str


SocialEvent = PostReaction | LeadFormFilled
