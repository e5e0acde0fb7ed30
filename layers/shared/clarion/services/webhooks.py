"""Whom a webhook is for: the connection whose credentials its signature is checked against.

Webhooks are public. Whoever calls one learns nothing by it: a platform that is not connected, an organisation that does
not exist, a missing key and a wrong signature are one and the same answer.
"""

from collections.abc import Mapping
from typing import Protocol

from clarion.domain.connection import Connection, Secrets
from clarion.domain.errors import Conflict, WebhookRefused


class KnownConnections(Protocol):
    def all(self, org_id: str) -> Mapping[str, Connection]:
        """By platform."""

    def secrets(self, org_id: str, connection: Connection) -> Secrets:
        """Raises Conflict where they are gone."""


class WebhookCredentials:
    """At most as old as what ``connections`` knows."""

    def __init__(self, connections: KnownConnections) -> None:
        self._connections = connections

    def of(self, org_id: str, platform: str) -> tuple[Connection, Mapping[str, str]]:
        """The organisation's connection to a platform, and its credentials by name. Raises WebhookRefused.

        A connection that waits for a member's consent has them: its app may be told things already.
        """
        connection = self._connections.all(org_id).get(platform)
        if connection is None or not connection.secret_version or connection.status == "disconnecting":
            raise WebhookRefused
        try:
            return connection, self._connections.secrets(org_id, connection).credentials
        except Conflict:
            raise WebhookRefused from None
