"""Messages of a topic of Amazon SNS that an organisation subscribed to its webhook: events of its own AWS account."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.connection import Connection
from clarion.domain.errors import Invalid, WebhookRefused
from clarion.domain.inbound_text import InboundText
from clarion.domain.sns_message import SnsMessage
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent

Told = VendorEvent | InboundText | Skipped

log = logging.getLogger(__name__)


class Credentials(Protocol):
    def of(self, org_id: str, platform: str) -> tuple[Connection, Mapping[str, str]]:
        """The organisation's connection to a platform, and its credentials by name. Raises WebhookRefused."""


class Signatures(Protocol):
    def message(self, body: bytes, topic: str, now: datetime) -> SnsMessage | None:
        """None unless SNS signed it, for that topic, of late."""


class Recorder(Protocol):
    def record(self, org_id: str, told: Told) -> str:
        """What came of it, as a stable code."""


class SnsWebhook:
    """``confirm`` calls the address that confirms a subscription; ``read`` makes our event of a message's envelope and
    the time of its arrival, and raises MalformedEvent."""

    def __init__(
        self,
        platform: str,
        credentials: Credentials,
        signatures: Signatures,
        confirm: Callable[[str], None],
        read: Callable[[Mapping[str, Any], datetime], Told],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._platform, self._credentials, self._signatures = platform, credentials, signatures
        self._confirm, self._read, self._recorder, self._clock = confirm, read, recorder, clock

    def receive(self, org_id: str, body: bytes) -> str:
        """Keep what a message tells, or confirm the subscription that it asks about; what came of it.

        Raises WebhookRefused for what is no message of the topic that the connection names, and Invalid for what cannot
        be read.
        """
        _, credentials = self._credentials.of(org_id, self._platform)
        topic, now = credentials.get("topicArn"), self._clock()
        message = self._signatures.message(body, topic, now) if topic else None
        if message is None:
            raise WebhookRefused
        if message.type == "SubscriptionConfirmation":
            self._confirm(message.subscribe_url)
            return "subscription confirmed"
        if message.type == "UnsubscribeConfirmation":
            log.warning("the topic of %s of %s was unsubscribed", self._platform, org_id)
            return "unsubscribed"
        try:
            told = self._read(message.envelope, now)
        except MalformedEvent as error:
            raise Invalid([{"field": "body", "message": str(error)}]) from None
        return self._recorder.record(org_id, told)
