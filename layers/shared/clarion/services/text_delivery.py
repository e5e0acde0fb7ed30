"""Between the sender and a vendor of text messages: what answers will be attributed by, and who has opted out there.

An answer names the phone it came from and nothing of ours, so for each number the message that went there last is
remembered before the vendor is called: once called, an answer may be on its way.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from clarion.domain.engagement import MessageRef
from clarion.domain.message_tags import message_of
from clarion.domain.outcomes import Outcome, Rejected, Retry
from clarion.domain.suppression import Suppression
from clarion.domain.text_message import OPTED_OUT, TextChannel, TextMessage

log = logging.getLogger(__name__)


class Recipients(Protocol):
    def remember(self, messages: Mapping[str, MessageRef], at: datetime) -> None:
        """Which of our messages goes to each number."""


class Suppressions(Protocol):
    def add(self, org_id: str, suppression: Suppression) -> Suppression:
        """The answer is what is on the list now: this one, or the one that stays before it."""


class TextDelivery:
    """A `TextChannel` over that of ``platform``. Messages without our tags (test messages) are not remembered."""

    def __init__(
        self,
        org_id: str,
        platform: str,
        channel: TextChannel,
        recipients: Recipients,
        suppressions: Suppressions,
        clock: Callable[[], datetime],
    ) -> None:
        self._org_id, self._platform, self._channel = org_id, platform, channel
        self._recipients, self._suppressions, self._clock = recipients, suppressions, clock

    @property
    def max_batch(self) -> int:
        """That of the vendor's channel."""
        return self._channel.max_batch

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """As `TextChannel.send`; all are a `Retry` where it could not be remembered whom they go to."""
        refs = [message_of(message.message_tags, "sms") for message in messages]
        ours = {message.to: ref for message, ref in zip(messages, refs, strict=True) if ref is not None}
        try:
            self._recipients.remember(ours, self._clock())
        except Exception:
            # Raising would make them `unknown` to the sender, and nothing has left.
            log.exception("recipients of text messages of %s were not remembered", self._org_id)
            return [Retry(None, "it could not be kept whom the message goes to") for _ in messages]
        outcomes = self._channel.send(messages)
        for message, ref, outcome in zip(messages, refs, outcomes, strict=True):
            if isinstance(outcome, Rejected) and outcome.code == OPTED_OUT:
                self._suppress(message.to, ref)
        return outcomes

    def _suppress(self, phone: str, message: MessageRef | None) -> None:
        suppression = Suppression(
            address=phone,
            channel="sms",
            reason="opt_out",
            source=self._platform,
            campaign=message.campaign if message else None,
            contact=message.contact if message else None,
            created_at=self._clock(),
        )
        try:
            self._suppressions.add(self._org_id, suppression)
        except Exception:
            # What the vendor did with this call is known, and must not be lost; it will refuse the number again.
            log.exception("a number that opted out of messages of %s was not suppressed", self._org_id)
