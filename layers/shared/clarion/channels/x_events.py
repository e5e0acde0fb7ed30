"""X's account activity as our events.

https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/account-activity
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from clarion.channels.social_reports import UNLIKE_ITS_DOCUMENTATION, name_told, readable, words_told
from clarion.domain.social_events import PostReaction, Reaction, SocialEvent
from clarion.domain.vendor_events import MalformedEvent, Skipped

SOURCE = "x"

_CREATED = "%a %b %d %H:%M:%S %z %Y"  # Sat Nov 21 14:00:00 +0000 2026


def events_of(body: bytes) -> list[SocialEvent | Skipped]:
    """The events of one request, in its order. Raises MalformedEvent."""
    try:
        return list(_events(json.loads(body)))
    except UNLIKE_ITS_DOCUMENTATION as error:
        raise MalformedEvent(f"{type(error).__name__} {error}") from None


def _events(told: Mapping[str, Any]) -> Iterator[SocialEvent | Skipped]:
    profile = name_told(told["for_user_id"])
    for name, events in told.items():
        for event in events if isinstance(events, list) else []:
            if name == "favorite_events":
                yield readable(partial(_like, profile, event))
            elif name == "tweet_create_events":
                yield readable(partial(_post, profile, event))
            else:
                yield Skipped(f"X {name}")


def _like(profile: str, event: Mapping[str, Any]) -> PostReaction | Skipped:
    post = event["favorited_status"]
    if str(post["user"]["id_str"]) != profile:
        return Skipped("X like of another's post")
    at = datetime.fromtimestamp(int(event["timestamp_ms"]) / 1000, UTC)
    return PostReaction(SOURCE, profile, name_told(post["id_str"]), "like", True, at, name_told(event["id"]))


def _post(profile: str, event: Mapping[str, Any]) -> PostReaction | Skipped:
    """Replies, reposts and quotes by others; ours are told as well."""
    if str(event["user"]["id_str"]) == profile:
        return Skipped("X post of ours")
    kind: Reaction = "share"
    about = event.get("retweeted_status") or event.get("quoted_status")
    post = name_told(about["id_str"]) if about and str(about["user"]["id_str"]) == profile else None
    if post is None and str(event.get("in_reply_to_user_id_str")) == profile:
        kind, post = "comment", event.get("in_reply_to_status_id_str")
    if not post:
        return Skipped("X post about none of ours")
    at = datetime.strptime(event["created_at"], _CREATED).astimezone(UTC)
    text = words_told(event.get("text")) if kind == "comment" else ""
    return PostReaction(SOURCE, profile, name_told(post), kind, True, at, name_told(event["id_str"]), text)
