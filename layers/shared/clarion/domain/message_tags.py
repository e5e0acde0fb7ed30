"""Our ids as vendors tell them again: which of our messages an event is about."""

import re
from collections.abc import Mapping

from clarion.domain.engagement import MessageRef

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")  # what a message's tags may hold; ours are shorter, and keys have an end
_RUN = re.compile(r"[0-9]{1,4}")


def message_of(tags: Mapping[str, object], channel: str) -> MessageRef | None:
    """The message whose tags these are; None for a message of somebody else. Other tags beside ours do not matter."""
    values = [tags.get(name) for name in ("org", "contact", "campaign", "run", "step")]
    ids = [value for value in values if isinstance(value, str) and _ID.fullmatch(value)]
    if len(ids) < len(values) or not _RUN.fullmatch(ids[3]):
        return None
    org, contact, campaign, run, step = ids
    return MessageRef(org, contact, campaign, int(run), step, channel)
