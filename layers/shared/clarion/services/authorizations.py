"""Consent at a vendor (OAuth 2.0, authorization code): asked for, taken up once, renewed before it ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

from clarion.domain.access import Role
from clarion.domain.connection import Authorization, Connection, Granted, Refused, Secrets, Tokens, Unreachable
from clarion.domain.errors import Conflict, Forbidden, RuleBroken, Stale
from clarion.domain.ids import new_id
from clarion.domain.oauth_state import CONSENT, OAuthState, challenge_of, new_verifier, read_state
from clarion.domain.platform import OAuth, Platform
from clarion.domain.platforms import platform_of
from clarion.services.connections import ConnectionStore, Vault, left_behind, secrets_of

_NOT_OURS = "this link is not valid any more: ask for consent again"


class AuthorizationStore(Protocol):
    def keep(self, org_id: str, authorization: Authorization, until: datetime) -> None: ...

    def take(self, org_id: str, authorization_id: str) -> Authorization | None:
        """For the first who asks; None for everybody else."""
        ...


class Members(Protocol):
    def role_in(self, user_id: str, org_id: str) -> Role | None: ...


class TokenEndpoint(Protocol):
    """The vendor's; neither call raises for what the vendor does."""

    def exchange(
        self, platform: Platform, secrets: Secrets, code: str, verifier: str, redirect_uri: str
    ) -> Granted | Refused | Unreachable:
        """Tokens for a code, and whom they may act for."""
        ...

    def refresh(self, platform: Platform, secrets: Secrets) -> Tokens | Refused | Unreachable:
        """New tokens for those that end."""
        ...


class AuthorizationService:
    """``state_key`` is read when it is needed."""

    def __init__(
        self,
        connections: ConnectionStore,
        vault: Vault,
        authorizations: AuthorizationStore,
        members: Members,
        endpoint: TokenEndpoint,
        state_key: Callable[[], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._connections, self._vault, self._authorizations = connections, vault, authorizations
        self._members, self._endpoint, self._state_key, self._clock = members, endpoint, state_key, clock

    def begin(self, org_id: str, user_id: str, platform_id: str, redirect_uri: str) -> str:
        """The vendor's page where a member consents, within ten minutes.

        Raises NotFound, and RuleBroken where nobody consents or the app's credentials are not there yet.
        """
        platform, oauth = _oauth_of(platform_id)
        kept = self._connections.get(org_id, platform_id)
        if kept is None or not kept.secret_version:
            raise RuleBroken(f"connect {platform.title} with the credentials of your app first")
        verifier = new_verifier() if oauth.pkce else ""
        until = self._clock() + CONSENT
        authorization = Authorization(new_id(), platform_id, user_id, redirect_uri, verifier)
        self._authorizations.keep(org_id, authorization, until)
        state = OAuthState(org_id, user_id, platform_id, authorization.id, int(until.timestamp()))
        query = {
            "response_type": "code",
            "client_id": kept.details["clientId"],
            "redirect_uri": redirect_uri,
            "scope": oauth.scope_separator.join(oauth.scopes),
            "state": state.signed(self._state_key()),
            **dict(oauth.extra),
        }
        if verifier:
            query |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
        return f"{oauth.authorize_url}?{urlencode(query)}"

    def finish(self, platform_id: str, state_text: str, code: str, error: str) -> Connection:
        """Take up what the vendor sends back. Raises Forbidden for what we did not ask for or was taken up before,
        RuleBroken where the member or the vendor refuses, NotFound, Conflict, Stale.
        """
        platform, _ = _oauth_of(platform_id)
        now = self._clock()
        state = read_state(state_text, self._state_key(), now)
        if state is None or state.platform != platform_id:
            raise Forbidden(_NOT_OURS)
        asked = self._authorizations.take(state.org_id, state.authorization_id)
        if asked is None or (asked.platform, asked.user_id) != (platform_id, state.user_id):
            raise Forbidden(_NOT_OURS)
        role = self._members.role_in(state.user_id, state.org_id)
        if role is None or not role.may("integrations:write"):
            raise Forbidden("who asked for this consent may not connect platforms any more")
        if error or not code:
            raise RuleBroken(f"{platform.title} did not give its consent")
        kept = self._connections.get(state.org_id, platform_id)
        if kept is None or not kept.secret_version:
            raise Forbidden("the platform was disconnected meanwhile")
        kept.begin_change(now)  # refuses before the code is spent
        secrets = secrets_of(self._vault, state.org_id, kept)
        granted = self._endpoint.exchange(platform, secrets, code, asked.verifier, asked.redirect_uri)
        if isinstance(granted, Refused | Unreachable):
            self._connections.checked(state.org_id, platform_id, now, granted.reason)
            raise RuleBroken(f"{platform.title} gave no access: {granted.reason}")
        begun = self._connections.save(state.org_id, kept.begin_change(now))
        given = replace(secrets, tokens=granted.tokens, profile_tokens=granted.profile_tokens)
        return self._keep(state.org_id, begun, given, str(uuid4()), now, granted)

    def refresh(self, org_id: str, platform_id: str) -> Connection | None:
        """Replace a token that ends soon; the connection as it is now, None where there is none.

        One worker does it, the others go on with the old token meanwhile. When the vendor refuses, a member has to
        consent again, and campaigns are refused until then; when it does not answer, the next call tries again.
        Refresh tokens may be good once: what a worker that died had got for one is taken up by the next.
        """
        kept, now = self._connections.get(org_id, platform_id), self._clock()
        if kept is None or not kept.needs_refresh(now):
            return kept
        unfinished, version = left_behind(self._vault, org_id, kept), str(uuid4())
        try:
            begun = self._connections.save(
                org_id, kept.begin_renewal(now, version) if unfinished is None else kept.begin_change(now)
            )
        except (Conflict, Stale):
            return kept
        try:
            if unfinished is None:
                return self._renew(org_id, begun, now)
            connection = self._commit(org_id, begun, unfinished, kept.renewing, now)
        except Stale:  # this took longer than a change may, and somebody else has taken over
            return self._connections.get(org_id, platform_id)
        return self.refresh(org_id, platform_id) if connection.needs_refresh(now) else connection

    def _renew(self, org_id: str, begun: Connection, now: datetime) -> Connection:
        secrets = secrets_of(self._vault, org_id, begun)
        renewed = self._endpoint.refresh(platform_of(begun.id), secrets)
        if isinstance(renewed, Tokens):
            return self._keep(org_id, begun, replace(secrets, tokens=renewed), begun.renewing, now)
        self._connections.checked(org_id, begun.id, now, renewed.reason)
        status = "awaiting_consent" if isinstance(renewed, Refused) else begun.status
        ended = {"changing_since": None, "renewing": "", "status": status}
        return self._connections.save(org_id, begun.model_copy(update=ended))

    def _keep(
        self,
        org_id: str,
        begun: Connection,
        secrets: Secrets,
        version: str,
        now: datetime,
        granted: Granted | None = None,
    ) -> Connection:
        """Keep new credentials as a version of the secret, and then in the row that puts them in force."""
        self._vault.put(org_id, begun.id, version, secrets)
        return self._commit(org_id, begun, secrets, version, now, granted)

    def _commit(
        self,
        org_id: str,
        begun: Connection,
        secrets: Secrets,
        version: str,
        now: datetime,
        granted: Granted | None = None,
    ) -> Connection:
        update: dict[str, Any] = {"status": "connected", "changing_since": None, "renewing": ""}
        update |= {"secret_version": version}
        if secrets.tokens is not None:
            update |= {
                "token_expires_at": secrets.tokens.expires_at,
                "refresh_at": secrets.tokens.refresh_at,
                "renew_at": secrets.tokens.renew_at(now),
            }
        if granted is not None:
            update |= {"account": granted.account, "profiles": granted.profiles, "connected_at": now}
        connection = self._connections.save(org_id, begun.model_copy(update=update))
        self._connections.checked(org_id, begun.id, now)
        return connection


def _oauth_of(platform_id: str) -> tuple[Platform, OAuth]:
    platform = platform_of(platform_id)
    if platform.oauth is None:
        raise RuleBroken(f"{platform.title} is connected by credentials alone")
    return platform, platform.oauth
