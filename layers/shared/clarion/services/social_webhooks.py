"""Webhooks of a vendor of social networks: whether a request is the vendor's, and what it tells of our posts.

A vendor signs by the secret of an app, and several platforms may be connected by one app or by an app each.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clarion.domain.connection import Connection
from clarion.domain.errors import Invalid, WebhookRefused
from clarion.domain.social_events import SocialEvent
from clarion.domain.vendor_events import MalformedEvent, Skipped


class Credentials(Protocol):
    def of(self, org_id: str, platform: str) -> tuple[Connection, Mapping[str, str]]:
        """The organisation's connection to a platform, and its credentials by name. Raises WebhookRefused."""


class Recorder(Protocol):
    def record(
        self, org_id: str, profiles: Collection[tuple[str, str]], told: Iterable[SocialEvent | Skipped]
    ) -> Mapping[str, int]: ...


@dataclass(frozen=True)
class SocialVendor:
    """``header`` has the signature of a request. ``signing_key`` and ``handshake_key`` name the credentials that
    requests and handshakes are checked by. ``answer`` makes the answer to a handshake's query under one of the latter,
    None for what is no handshake; ``read`` raises MalformedEvent for a body that is none of the vendor's.
    """

    platforms: tuple[str, ...]
    header: str
    signing_key: str
    handshake_key: str
    is_signed: Callable[[Iterable[str], bytes, str], bool]
    answer: Callable[[Mapping[str, str], str], str | None]
    read: Callable[[bytes], Sequence[SocialEvent | Skipped]]


class SocialWebhook:
    def __init__(self, vendor: SocialVendor, credentials: Credentials, recorder: Recorder) -> None:
        self._vendor, self._credentials, self._recorder = vendor, credentials, recorder

    def receive(self, org_id: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, int]:
        """Keep what a request tells; its events by what became of them.

        ``headers`` have lower-case names. Raises WebhookRefused, and Invalid for what cannot be read.
        """
        connected = self._connected(org_id)
        keys = _values(connected, self._vendor.signing_key)
        if not self._vendor.is_signed(keys, body, headers.get(self._vendor.header.lower(), "")):
            raise WebhookRefused
        try:
            told = self._vendor.read(body)
        except MalformedEvent as error:
            raise Invalid([{"field": "body", "message": str(error)}]) from None
        profiles = {(connection.id, profile.id) for connection, _ in connected for profile in connection.profiles}
        return self._recorder.record(org_id, profiles, told)

    def handshake(self, org_id: str, query: Mapping[str, str]) -> str:
        """What to answer to a vendor that asks whether this address is ours. Raises WebhookRefused."""
        for key in _values(self._connected(org_id), self._vendor.handshake_key):
            answer = self._vendor.answer(query, key)
            if answer is not None:
                return answer
        raise WebhookRefused

    def _connected(self, org_id: str) -> list[tuple[Connection, Mapping[str, str]]]:
        found = []
        for platform in self._vendor.platforms:
            try:
                found.append(self._credentials.of(org_id, platform))
            except WebhookRefused:
                continue
        return found


def _values(connected: Iterable[tuple[Connection, Mapping[str, str]]], name: str) -> list[str]:
    return [credentials[name] for _, credentials in connected if credentials.get(name)]
