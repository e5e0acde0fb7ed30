"""Connecting platforms: credentials are tried at the vendor, then kept where only workers read them.

Credentials and their row cannot be written at once. The row names the version of the secret that holds, so writing the
row is the moment a change counts: a function that dies before leaves the old credentials in force, and a secret's
version that no row names is forgotten with the next change.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from clarion.domain.connection import Connection, Health, Integration, Profile, Refused, Secrets, Unreachable, Verdict
from clarion.domain.errors import Conflict, NotFound, RuleBroken
from clarion.domain.outlet import Outlet
from clarion.domain.platform import Platform
from clarion.domain.platforms import PLATFORMS, platform_of

log = logging.getLogger(__name__)


class ConnectionStore(Protocol):
    """``save`` and ``remove`` raise Stale when the connection changed since it was read."""

    def get(self, org_id: str, platform: str) -> Connection | None: ...
    def all(self, org_id: str) -> tuple[dict[str, Connection], dict[str, Health]]: ...
    def save(self, org_id: str, connection: Connection) -> Connection: ...
    def remove(self, org_id: str, connection: Connection) -> None: ...
    def checked(self, org_id: str, platform: str, now: datetime, error: str = "") -> None: ...


class Vault(Protocol):
    """Keeps secrets by organisation and platform, each version under its own name."""

    def put(self, org_id: str, platform: str, version: str, secrets: Secrets) -> None: ...

    def get(self, org_id: str, platform: str, version: str) -> Secrets:
        """Raises NotFound."""
        ...

    def delete(self, org_id: str, platform: str) -> None:
        """Every version, at once; deleting what is not there is no error."""


class CredentialCheck(Protocol):
    def check(self, platform: Platform, secrets: Secrets) -> Verdict:
        """Asks the vendor by a call that changes nothing. Never raises for what the vendor does."""
        ...


class Revocation(Protocol):
    def revoke(self, platform: Platform, secrets: Secrets, end_consent: bool) -> str:
        """Give tokens back to the vendor, within seconds; what became of them, in words for the log. ``end_consent``
        allows it to end what the member gave the same app elsewhere, too."""
        ...


class DeployedChannel(Protocol):
    def platform(self) -> str | None:
        """The platform that everybody's e-mail leaves by who has connected none."""
        ...

    def outlets(self, channel: str) -> list[Outlet]:
        """The profiles that everybody can publish to."""
        ...


class ConnectionService:
    def __init__(
        self,
        store: ConnectionStore,
        vault: Vault,
        check: CredentialCheck,
        revocation: Revocation,
        deployed: DeployedChannel,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._vault, self._check, self._revocation = store, vault, check, revocation
        self._deployed, self._clock = deployed, clock

    def all(self, org_id: str) -> list[Integration]:
        """Every platform."""
        connections, healths = self._store.all(org_id)
        now, deployed = self._clock(), self._deployed.platform()
        found = []
        for platform in PLATFORMS.values():
            preferred = preferred_of(platform.channel, connections, now)
            by_deployment = platform.id == deployed and platform.id not in connections
            in_use = preferred.id == platform.id if preferred else platform.id == deployed and by_deployment
            # A worker may have noted the end of its last call after the disconnection.
            health = healths.get(platform.id, Health()) if platform.id in connections else Health()
            found.append(Integration(platform, connections.get(platform.id), health, by_deployment, in_use))
        return found

    def get(self, org_id: str, platform_id: str) -> Integration:
        """Raises NotFound for a platform there is not."""
        platform = platform_of(platform_id)
        return next(each for each in self.all(org_id) if each.platform is platform)

    def profiles(self, org_id: str, platform_id: str | None = None) -> list[tuple[str, Profile]]:
        """Pages and accounts that posts can go to, with their platform; of one platform where it is named.

        The deployment's own are of no platform that could be connected. Raises NotFound for what is no social platform.
        """
        deployed: list[tuple[str, Profile]] = [
            (each.platform, Profile(id=each.profile, name=each.name, kind="development"))
            for each in self._deployed.outlets("social")
            if platform_id in (None, each.platform)
        ]
        if platform_id is not None and deployed:
            return deployed
        if platform_id is not None and platform_of(platform_id).channel != "social":
            raise NotFound("social platform", platform_id)
        now = self._clock()
        own: list[tuple[str, Profile]] = [
            (each.platform.id, profile)
            for each in self.all(org_id)
            if each.platform.channel == "social" and platform_id in (None, each.platform.id)
            if each.connection is not None and each.connection.unusable(now) is None
            for profile in each.connection.profiles
        ]
        return own + deployed

    def connect(self, org_id: str, user_id: str, platform_id: str, given: Mapping[str, str]) -> Integration:
        """Connect a platform, or replace the credentials it is connected by; repeating it changes nothing more.

        The old ones stay in force until the vendor has accepted the new. Raises NotFound, Invalid, Conflict, Stale, and
        RuleBroken when the vendor refuses them or cannot be asked: then nothing is kept.
        """
        platform = platform_of(platform_id)
        credentials = platform.credentials(given)
        kept = self._store.get(org_id, platform_id)
        now = self._clock()
        begun_from = kept or Connection(id=platform_id, connected_by=user_id)
        begun_from.begin_change(now)  # refuses before the vendor is asked
        secrets = self._with_consent(org_id, platform, kept, credentials)
        # Consent may have ended while the app's new secret is good: only what is new is tried.
        account = self._asked(platform, Secrets(credentials))
        begun = self._store.save(
            org_id, begun_from.begin_change(now, None if kept and kept.secret_version else "pending")
        )
        version = str(uuid4())
        self._vault.put(org_id, platform_id, version, secrets)
        update: dict[str, Any] = {
            "status": "awaiting_consent" if platform.oauth and secrets.tokens is None else "connected",
            "changing_since": None,
            "renewing": "",
            "secret_version": version,
            "details": {name: value for name, value in credentials.items() if name in platform.public_fields},
            "account": account or begun.account,
            "connected_at": begun.connected_at or now,
            "connected_by": user_id,
        }
        if platform.oauth and secrets.tokens is None:
            update |= {"profiles": (), "token_expires_at": None, "refresh_at": None, "renew_at": None, "account": ""}
        self._store.save(org_id, begun.model_copy(update=update))
        self._store.checked(org_id, platform_id, now)
        return self.get(org_id, platform_id)

    def disconnect(self, org_id: str, platform_id: str, end_consent: bool = False) -> None:
        """Forget the connection and its credentials, then give tokens back to the vendor as well as may be;
        ``end_consent`` as in `Revocation.revoke`. Raises NotFound, Conflict, Stale.
        """
        kept = self._connection(org_id, platform_id)
        begun = self._store.save(org_id, kept.begin_change(self._clock(), "disconnecting"))
        platform = platform_of(platform_id)
        secrets = self._last_secrets(org_id, begun) if platform.oauth else None
        self._vault.delete(org_id, platform_id)
        self._store.remove(org_id, begun)
        if secrets is not None:
            self._give_back(org_id, platform, secrets, end_consent)

    def check(self, org_id: str, platform_id: str) -> Integration:
        """Ask the vendor whether the credentials still hold, and note what it says. Raises NotFound."""
        kept = self._connection(org_id, platform_id)
        platform = platform_of(platform_id)
        if not kept.secret_version:
            raise NotFound("connection", platform_id)
        verdict = self._check.check(platform, secrets_of(self._vault, org_id, kept))
        error = verdict.reason if isinstance(verdict, Refused | Unreachable) else ""
        self._store.checked(org_id, platform_id, self._clock(), error)
        return self.get(org_id, platform_id)

    def _last_secrets(self, org_id: str, connection: Connection) -> Secrets | None:
        """None where they are gone or cannot be had: forgetting them matters more than giving them back."""
        try:
            return left_behind(self._vault, org_id, connection) or secrets_of(self._vault, org_id, connection)
        except Exception:
            log.warning("what %s gave %s could not be read any more", connection.id, org_id, exc_info=True)
            return None

    def _give_back(self, org_id: str, platform: Platform, secrets: Secrets, end_consent: bool) -> None:
        try:
            told = self._revocation.revoke(platform, secrets, end_consent)
        except Exception:
            log.warning("what %s gave %s was not given back", platform.id, org_id, exc_info=True)
        else:
            log.info("what %s gave %s: %s", platform.id, org_id, told)

    def _connection(self, org_id: str, platform_id: str) -> Connection:
        platform_of(platform_id)
        kept = self._store.get(org_id, platform_id)
        if kept is None:
            raise NotFound("connection", platform_id)
        return kept

    def _with_consent(
        self, org_id: str, platform: Platform, kept: Connection | None, credentials: dict[str, str]
    ) -> Secrets:
        """The new credentials, with the consent given to the same app before."""
        secrets = Secrets(credentials)
        if platform.oauth is None or kept is None or not kept.secret_version:
            return secrets
        try:
            old = left_behind(self._vault, org_id, kept) or self._vault.get(org_id, platform.id, kept.secret_version)
        except NotFound:
            return secrets
        same_app = old.credentials.get("clientId") == credentials["clientId"]
        return replace(old, credentials=credentials) if same_app else secrets

    def _asked(self, platform: Platform, secrets: Secrets) -> str:
        """The account's name; RuleBroken when the vendor refuses the credentials or cannot be asked."""
        verdict = self._check.check(platform, secrets)
        if isinstance(verdict, Refused):
            field = f"body.credentials.{verdict.field}" if verdict.field else None
            raise RuleBroken(f"{platform.title} refuses these credentials: {verdict.reason}", field)
        if isinstance(verdict, Unreachable):
            raise RuleBroken(f"{platform.title} could not be asked, so nothing was kept: {verdict.reason}")
        return verdict.account


def preferred_of(channel: str, connections: Mapping[str, Connection], now: datetime) -> Connection | None:
    """The connection that messages of a channel leave by: of several, the one that was connected last."""
    usable = [
        each for each in connections.values() if PLATFORMS[each.id].channel == channel and each.unusable(now) is None
    ]
    return max(usable, key=lambda each: (each.connected_at is not None, each.connected_at, each.id), default=None)


def secrets_of(vault: Vault, org_id: str, connection: Connection) -> Secrets:
    """The credentials that hold; Conflict where they are gone."""
    try:
        return vault.get(org_id, connection.id, connection.secret_version)
    except NotFound:
        raise Conflict(f"the credentials of {connection.id} are gone: connect it again") from None


def left_behind(vault: Vault, org_id: str, connection: Connection) -> Secrets | None:
    """What a renewal wrote that was cut off before its row: the vendor may have voided the tokens before it."""
    if not connection.renewing:
        return None
    try:
        return vault.get(org_id, connection.id, connection.renewing)
    except NotFound:
        return None
