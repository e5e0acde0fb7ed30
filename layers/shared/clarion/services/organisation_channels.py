"""What an organisation can send on: its own platforms first, then the deployment's channels."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from clarion.domain.addresses import normalise_email
from clarion.domain.connection import Connection, Health, Secrets
from clarion.domain.outlet import Outlet
from clarion.domain.platforms import PLATFORMS
from clarion.services.connections import Vault, preferred_of, secrets_of

KEPT_FOR = timedelta(seconds=60)
"""How long a warm worker goes by the connections it read: the longest that a change takes to hold everywhere."""
_MOST = 500


class ConnectionSource(Protocol):
    def all(self, org_id: str) -> tuple[dict[str, Connection], dict[str, Health]]: ...


class DeploymentsChannels(Protocol):
    """Shared by all who have connected none of their own."""

    def unavailable(self, channel: str) -> str | None: ...
    def outlets(self, channel: str) -> list[Outlet]: ...
    def default_sender(self) -> str: ...
    def sender_refused(self, address: str) -> str | None: ...


class OrganisationChannels:
    """Read anew at every question: a launch right after a disconnection is refused."""

    def __init__(
        self, connections: ConnectionSource, deployed: DeploymentsChannels, clock: Callable[[], datetime]
    ) -> None:
        self._connections, self._deployed, self._clock = connections, deployed, clock

    def unavailable(self, org_id: str, channel: str) -> str | None:
        """Why nothing can be sent on ``channel``; None where it can."""
        connections, now = self._connections.all(org_id)[0], self._clock()
        if preferred_of(channel, connections, now) is not None:
            return None
        reason = self._deployed.unavailable(channel)
        if reason is None:
            return None
        half_way = [each for each in connections.values() if PLATFORMS[each.id].channel == channel]
        told = [f"{PLATFORMS[each.id].title}: {each.unusable(now)}" for each in half_way]
        return "; ".join([reason, *told])

    def outlets(self, org_id: str, channel: str) -> list[Outlet]:
        """What can be published to on ``channel``: the profiles, or ad accounts, of the platforms that the organisation
        has connected and whose consent holds, then the deployment's own."""
        connections, now = self._connections.all(org_id)[0], self._clock()
        own = [
            Outlet(platform=each.id, profile=profile.id, name=profile.name)
            for each in connections.values()
            if PLATFORMS[each.id].channel == channel and each.unusable(now) is None
            for profile in each.profiles
        ]
        return [*own, *self._deployed.outlets(channel)]

    def default_sender(self, org_id: str) -> str:
        """Who sends where a campaign does not say; empty where nobody is set."""
        own = self._own_mail(org_id)
        return own.details.get("from", "") if own else self._deployed.default_sender()

    def sender_refused(self, org_id: str, address: str) -> str | None:
        """Why no campaign may send from ``address``. An account of the organisation's own knows its senders itself."""
        if self._own_mail(org_id) is None:
            return self._deployed.sender_refused(address)
        try:
            normalise_email(address)
        except ValueError as error:
            return str(error)
        return None

    def _own_mail(self, org_id: str) -> Connection | None:
        return preferred_of("email", self._connections.all(org_id)[0], self._clock())


class ConnectedPlatforms:
    """Connections and credentials as a worker needs them, batch after batch: a minute old at most.

    Credentials are kept by the version of their secret, so they are read once for each change.
    """

    def __init__(
        self,
        connections: ConnectionSource,
        vault: Vault,
        clock: Callable[[], datetime],
        lifetime: timedelta = KEPT_FOR,
    ) -> None:
        self._connections, self._vault, self._clock, self._lifetime = connections, vault, clock, lifetime
        self._known: dict[str, tuple[datetime, dict[str, Connection]]] = {}
        self._secrets: dict[tuple[str, str, str], Secrets] = {}

    def all(self, org_id: str) -> dict[str, Connection]:
        """The organisation's connections by platform."""
        now = self._clock()
        if org_id not in self._known or now - self._known[org_id][0] >= self._lifetime:
            # Whatever is too old goes with it, so that a worker of many organisations does not grow.
            fresh = {org: known for org, known in self._known.items() if now - known[0] < self._lifetime}
            self._known = {**fresh, org_id: (now, self._connections.all(org_id)[0])}
        return self._known[org_id][1]

    def preferred(self, org_id: str, channel: str) -> Connection | None:
        """The one that messages of a channel leave by."""
        return preferred_of(channel, self.all(org_id), self._clock())

    def secrets(self, org_id: str, connection: Connection) -> Secrets:
        """Raises Conflict where they are gone."""
        key = (org_id, connection.id, connection.secret_version)
        if key not in self._secrets:
            if len(self._secrets) >= _MOST:
                self._secrets.clear()
            self._secrets[key] = secrets_of(self._vault, org_id, connection)
        return self._secrets[key]

    def forget(self, org_id: str) -> None:
        """Read the organisation's connections anew at the next question: a token was just replaced."""
        self._known.pop(org_id, None)
