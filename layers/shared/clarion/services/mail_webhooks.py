"""Events that vendors of e-mail tell by webhooks: the signature first, then what they tell, kept once.

Nothing is answered before everything is kept, and keeping it again changes nothing. So a request that failed, or whose
answer was lost, is simply told again by the vendor.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from clarion.domain.connection import Connection
from clarion.domain.errors import Invalid, NotAcceptable, WebhookRefused
from clarion.domain.vendor_events import MalformedEvent
from clarion.services.vendor_events import Recorded

TOKENS_KEPT_FOR = timedelta(hours=10)
"""Longer than a signature of Mailgun is believed once its request is in: 9 hours, and 5 minutes that clocks differ."""

Headers = Mapping[str, str]


class Credentials(Protocol):
    def of(self, org_id: str, platform: str) -> tuple[Connection, Mapping[str, str]]:
        """Raises WebhookRefused."""


class Events(Protocol):
    def record(self, messages: Sequence[Any], org_id: str) -> Recorded: ...


class SendGridWebhook:
    """``is_genuine`` says whether a request was signed under one of the keys, ``messages_of`` reads its body (both as
    in channels/sendgrid_webhook.py and sendgrid_events.py)."""

    def __init__(
        self,
        credentials: Credentials,
        is_genuine: Callable[[Sequence[str], Headers, bytes, datetime], bool],
        messages_of: Callable[[bytes], Sequence[Any]],
        events: Events,
        clock: Callable[[], datetime],
    ) -> None:
        self._credentials, self._is_genuine, self._messages_of = credentials, is_genuine, messages_of
        self._events, self._clock = events, clock

    def receive(self, org_id: str, headers: Headers, body: bytes) -> Recorded:
        """Keep what a request tells. Raises WebhookRefused, and Invalid for a genuine one that tells no events."""
        keys = _webhook_keys(self._credentials, org_id, "sendgrid")
        if not self._is_genuine(keys, headers, body, self._clock()):
            raise WebhookRefused
        try:
            messages = self._messages_of(body)
        except MalformedEvent as error:
            raise Invalid([{"field": "body", "message": str(error)}]) from None
        return self._events.record(messages, org_id)


class SignedOnce(Protocol):
    """A request whose signature does not cover what it tells."""

    @property
    def signature(self) -> Mapping[str, object]: ...

    @property
    def token(self) -> str: ...

    @property
    def digest(self) -> str: ...


class Tokens(Protocol):
    def take(self, org_id: str, platform: str, token: str, digest: str, until: datetime) -> bool:
        """Use a token for the request of that digest; whether it may."""


class MailgunWebhook:
    """``request_of`` reads a request, ``is_genuine`` says whether its signature was made with one of the keys (as in
    channels/mailgun_webhook.py and mailgun_signature.py).

    A token is taken before the event is kept, together with the request it came with: the one that repeats a request
    whose event was lost is that very request, and passes.
    """

    def __init__(
        self,
        credentials: Credentials,
        is_genuine: Callable[[Sequence[str], Mapping[str, object], datetime], bool],
        request_of: Callable[[Headers, bytes], SignedOnce],
        tokens: Tokens,
        events: Events,
        clock: Callable[[], datetime],
    ) -> None:
        self._credentials, self._is_genuine, self._request_of = credentials, is_genuine, request_of
        self._tokens, self._events, self._clock = tokens, events, clock

    def receive(self, org_id: str, headers: Headers, body: bytes) -> Recorded:
        """Keep what a request tells. Raises WebhookRefused, and NotAcceptable for a token that came with another."""
        keys, now = _webhook_keys(self._credentials, org_id, "mailgun"), self._clock()
        try:
            request = self._request_of(headers, body)
        except MalformedEvent:  # where nobody's signature can be found
            raise WebhookRefused from None
        if not self._is_genuine(keys, request.signature, now):
            raise WebhookRefused
        if not self._tokens.take(org_id, "mailgun", request.token, request.digest, now + TOKENS_KEPT_FOR):
            raise NotAcceptable("this signature came with another request")
        return self._events.record([request], org_id)


def _webhook_keys(credentials: Credentials, org_id: str, platform: str) -> list[str]:
    """The key of a platform's webhooks; two while its owner rotates them. Raises WebhookRefused where there is none."""
    keys = credentials.of(org_id, platform)[1].get("webhookKey", "").split()
    if not keys:
        raise WebhookRefused
    return keys
