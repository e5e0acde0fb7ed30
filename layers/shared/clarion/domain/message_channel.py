"""A way for messages of any kind to leave, as the sender sees it."""

from collections.abc import Sequence
from typing import Any, Protocol

from clarion.domain.outcomes import Outcome


class MessageChannel(Protocol):
    """What `clarion.domain.mail.MailChannel` is for mails: of what kind the messages are, composer and channel know."""

    @property
    def max_batch(self) -> int:
        """Messages in one `send`."""
        ...

    def send(self, messages: Sequence[Any]) -> list[Outcome]:
        """Hand up to ``max_batch`` messages to the vendor, each at most once: one outcome per message, in their order.

        Never raises for what the vendor does or fails to do.
        """
        ...
