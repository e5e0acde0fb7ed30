"""What people do with our posts: comments are replies to the post's message, and the post's figures are read anew.

Nothing is counted from reactions: figures are the vendor's own totals, so that no reaction counts twice.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from clarion.domain.engagement import Kind
from clarion.domain.publication import Publication
from clarion.domain.social_events import LeadFormFilled, PostReaction, SocialEvent
from clarion.domain.vendor_events import Skipped, VendorEvent

LONGEST_TEXT = 1_000
"""Characters kept of a comment."""


class Publications(Protocol):
    def by_vendor_id(self, org_id: str, platform: str, vendor_id: str) -> Publication | None:
        """The organisation's post that the vendor calls so."""

    def poll_soon(self, publication: Publication, now: datetime) -> None:
        """Have its figures read before their time."""


class VendorEventStore(Protocol):
    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        """Keep events; False for each that was told before."""


class Tellings(Protocol):
    def begin(self, org_id: str, source: str, vendor_id: str, at: datetime) -> tuple[datetime, bool]:
        """When a vendor told something first: at ``at`` unless before; and whether it was seen through."""


class SocialEventService:
    """Instagram's comments have the time of their telling alone, another one each time: ``tellings`` know the first."""

    def __init__(
        self,
        publications: Publications,
        events: VendorEventStore,
        tellings: Tellings,
        clock: Callable[[], datetime],
    ) -> None:
        self._publications, self._events, self._tellings = publications, events, tellings
        self._clock = clock

    def record(
        self, org_id: str, profiles: Collection[tuple[str, str]], told: Iterable[SocialEvent | Skipped]
    ) -> Mapping[str, int]:
        """Keep what was told of the organisation's ``profiles`` (platform, vendor's id).

        How many events came to what, by a stable code.
        """
        outcomes: Counter[str] = Counter()
        found: dict[tuple[str, str], Publication | None] = {}
        replies: list[VendorEvent] = []
        for event in told:
            reaction = _of_a_profile(event, profiles)
            if isinstance(reaction, str):
                outcomes[f"skipped: {reaction}"] += 1
                continue
            publication = self._publication(org_id, reaction, found)
            if publication is None:
                outcomes["skipped: a post of no campaign"] += 1
            elif reaction.kind == "comment" and reaction.added:
                at, _ = self._tellings.begin(org_id, reaction.source, reaction.event_id, reaction.at)
                replies.append(_reply(reaction, publication, at))
            else:
                outcomes["read anew"] += 1
        for kept in self._events.add(replies) if replies else []:
            outcomes["recorded" if kept else "told before"] += 1
        # Last: whoever is told again after a failure here finds the replies kept, and gets here again.
        for publication in filter(None, found.values()):
            self._publications.poll_soon(publication, self._clock())
        return dict(outcomes)

    def _publication(
        self, org_id: str, reaction: PostReaction, found: dict[tuple[str, str], Publication | None]
    ) -> Publication | None:
        """Our post that somebody reacted to, looked up once for each request."""
        key = (reaction.source, reaction.post_id)
        if key not in found:
            post = self._publications.by_vendor_id(org_id, *key)
            found[key] = post if post and post.outlet.profile == reaction.profile_id else None
        return found[key]


def _of_a_profile(event: SocialEvent | Skipped, profiles: Collection[tuple[str, str]]) -> PostReaction | str:
    """The reaction to a post of one of ``profiles``, or why there is none."""
    if isinstance(event, Skipped):
        return event.reason
    if isinstance(event, LeadFormFilled):
        return "lead forms are not read yet"
    if (event.source, event.profile_id) not in profiles:
        return "a profile that is not connected"
    return event


def _reply(reaction: PostReaction, publication: Publication, at: datetime) -> VendorEvent:
    return VendorEvent(
        message=publication.message,
        kind=Kind.REPLY,
        at=at,
        source=reaction.source,
        vendor_id=reaction.event_id,
        text=reaction.text[:LONGEST_TEXT],
    )
