"""What webhooks of social networks have in common: ids and words, and what cannot be read."""

from collections.abc import Callable

from clarion.domain.social_events import SocialEvent
from clarion.domain.vendor_events import MalformedEvent, Skipped

UNLIKE_ITS_DOCUMENTATION = (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError, RecursionError)


def readable(read: Callable[[], SocialEvent | Skipped]) -> SocialEvent | Skipped:
    """One event of a request; one that is not as documented is skipped alone, since it comes the same when repeated."""
    try:
        return read()
    except UNLIKE_ITS_DOCUMENTATION as error:
        return Skipped(f"unreadable {type(error).__name__}")


def name_told(told: object) -> str:
    """An id of a vendor's, which may be written as a number. Raises MalformedEvent for what no key can be made of."""
    name = str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = ""
    if not name or len(name) > 200:
        raise MalformedEvent("an id is missing")
    return name


def words_told(told: object) -> str:
    """What a person wrote, without halves of characters."""
    return told.encode("utf-8", "replace").decode() if isinstance(told, str) else ""
