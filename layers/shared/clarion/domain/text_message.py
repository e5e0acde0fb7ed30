"""One text message, ready to leave: rendered and addressed to one phone.

A `TextMessage` that exists is within what every vendor takes; whatever none would take is refused here.
Nothing but the standard library is loaded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clarion.domain.outcomes import Outcome
from clarion.domain.phones import is_e164

MAX_BODY = 1_600
"""Characters of a body: the limit of AWS End User Messaging and of Twilio alike."""
MAX_TAGS = 5
"""Pairs that AWS End User Messaging echoes."""
OPTED_OUT = "OptedOut"
"""The code of a `Rejected` whose reader has told the vendor STOP: the number belongs on the suppression list."""

_SENDER = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """One message for one phone; ValueError says which field cannot be sent.

    ``to`` is E.164. ``sender`` is what the vendor sends from: a number (E.164 or a short code), a registered sender
    id, or the id of a pool or messaging service. ``message_tags`` are our ids as the vendor's events tell them again
    (at most 5 of ``[A-Za-z0-9_-]``, up to 100 characters, no personal data).
    """

    to: str
    body: str
    sender: str
    message_tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_e164(self.to):
            raise ValueError("the recipient must be an E.164 number, such as +493090182080")
        if not _SENDER.fullmatch(self.sender):
            raise ValueError("the sender has 1 to 256 printable ASCII characters")
        if not self.body.strip():
            raise ValueError("the text is empty")
        if len(self.body) > MAX_BODY:
            raise ValueError(f"the text has {len(self.body)} characters, at most {MAX_BODY}")
        if "\0" in self.body:
            raise ValueError("the text holds a NUL character")
        try:
            self.body.encode()
        except UnicodeEncodeError:
            raise ValueError("the text holds half a character (a lone surrogate)") from None
        if len(self.message_tags) > MAX_TAGS:
            raise ValueError(f"at most {MAX_TAGS} message tags")
        for tag, value in self.message_tags.items():
            if not _TAG.fullmatch(tag) or not _TAG.fullmatch(value):
                raise ValueError(f"message tag {tag!r} may hold A-Z, a-z, 0-9, _ and - only")


class TextChannel(Protocol):
    """A way for text messages to leave."""

    @property
    def max_batch(self) -> int:
        """Messages in one `send`."""
        ...

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """Hand up to ``max_batch`` messages to the vendor, each at most once: one outcome per message, in their order.

        Never raises for what the vendor does or fails to do; ValueError for more than ``max_batch`` messages.
        """
        ...
