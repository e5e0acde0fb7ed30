"""Twilio's requests about an organisation's text messages: what became of them, and what was written back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from clarion.domain.connection import Connection
from clarion.domain.errors import Invalid
from clarion.domain.inbound_text import InboundText
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from clarion.domain.vendor_request import VendorRequest

Told = VendorEvent | InboundText | Skipped


class Credentials(Protocol):
    def of(self, org_id: str, platform: str) -> tuple[Connection, Mapping[str, str]]:
        """The organisation's connection to a platform, and its credentials by name. Raises WebhookRefused."""


class Recorder(Protocol):
    def record(self, org_id: str, told: Told) -> str:
        """What came of it, as a stable code."""


class TextWebhook:
    """``address_of`` gives the address of an organisation's webhook that a request was made to, ``read`` what the
    request tells; it raises WebhookRefused for a request that is not the account's, and MalformedEvent."""

    def __init__(
        self,
        platform: str,
        credentials: Credentials,
        address_of: Callable[[str, VendorRequest], str],
        read: Callable[[Mapping[str, str], str, VendorRequest, datetime], Told],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._platform, self._credentials, self._address_of = platform, credentials, address_of
        self._read, self._recorder, self._clock = read, recorder, clock

    def receive(self, org_id: str, request: VendorRequest) -> str:
        """Keep what a request tells; what came of it. Raises WebhookRefused, and Invalid for what cannot be read."""
        _, credentials = self._credentials.of(org_id, self._platform)
        try:
            told = self._read(credentials, self._address_of(org_id, request), request, self._clock())
        except MalformedEvent as error:
            raise Invalid([{"field": "body", "message": str(error)}]) from None
        return self._recorder.record(org_id, told)
