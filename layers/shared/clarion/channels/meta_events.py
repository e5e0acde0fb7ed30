"""Webhooks of Facebook pages and Instagram accounts as our events.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page
https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from clarion.channels.social_reports import UNLIKE_ITS_DOCUMENTATION, name_told, readable, words_told
from clarion.domain.social_events import LeadFormFilled, PostReaction, Reaction, SocialEvent
from clarion.domain.vendor_events import MalformedEvent, Skipped

_ITEMS: dict[str, Reaction] = {"reaction": "like", "like": "like", "comment": "comment", "share": "share"}
_VERBS = {"add": True, "remove": False}


def events_of(body: bytes) -> list[SocialEvent | Skipped]:
    """The events of one request, in its order. Raises MalformedEvent."""
    try:
        return list(_events(json.loads(body)))
    except UNLIKE_ITS_DOCUMENTATION as error:
        raise MalformedEvent(f"{type(error).__name__} {error}") from None


def _events(told: Mapping[str, Any]) -> Iterator[SocialEvent | Skipped]:
    source = {"page": "facebook", "instagram": "instagram"}.get(told["object"])
    for entry in told["entry"]:
        for change in entry.get("changes") or []:
            yield readable(partial(_event, source, entry, change))


def _event(source: str | None, entry: Mapping[str, Any], change: Mapping[str, Any]) -> SocialEvent | Skipped:
    if source is None:
        return Skipped("neither a page nor an Instagram account")
    field, value, profile = str(change["field"]), change["value"], name_told(entry["id"])
    if field == "leadgen":
        name, ad = name_told(value["leadgen_id"]), value.get("ad_id")
        return LeadFormFilled(
            source,
            profile,
            name_told(value["form_id"]),
            name_told(ad) if ad else None,
            _at(value["created_time"]),
            name,
        )
    if source == "instagram" and field == "comments":
        if str((value.get("from") or {}).get("id")) == profile:
            return Skipped("the account's own doing")
        post, text = name_told(value["media"]["id"]), words_told(value.get("text"))
        return PostReaction(source, profile, post, "comment", True, _at(entry["time"]), name_told(value["id"]), text)
    if source != "facebook" or field != "feed":
        return Skipped(f"Meta {field}")
    kind, added = _ITEMS.get(value.get("item")), _VERBS.get(value.get("verb"))
    if kind is None or added is None:
        return Skipped(f"Meta feed {value.get('item')} {value.get('verb')}")
    if str((value.get("from") or {}).get("id")) == profile:
        return Skipped("the page's own doing")
    at, text = _at(value.get("created_time") or entry["time"]), words_told(value.get("message"))
    return PostReaction(source, profile, name_told(value["post_id"]), kind, added, at, _digest(profile, change), text)


def _at(told: int) -> datetime:
    """Meta writes seconds, and milliseconds in places."""
    seconds = told / 1000 if told > 100_000_000_000 else told
    return datetime.fromtimestamp(seconds, UTC)


def _digest(profile: str, change: Mapping[str, Any]) -> str:
    """Meta gives changes no names of their own; told again, they are the same."""
    octets = json.dumps([profile, change], sort_keys=True).encode()
    return hashlib.sha256(octets).hexdigest()[:40]
