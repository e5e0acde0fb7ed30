"""Vendors' token endpoints (RFC 6749 §4.1.3, §6): a code, or a token that ends, for new tokens.

Meta knows no refresh tokens: a token of an hour is exchanged for one of 60 days, and that one for another
(https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived).
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from clarion.channels.http import Answer, HttpClient
from clarion.channels.origins import Origins
from clarion.channels.profiles import ProfileList
from clarion.domain.connection import Granted, Refused, Secrets, Tokens, Unreachable
from clarion.domain.outcomes import Retry, Unknown
from clarion.domain.platform import OAuth, Platform

META = ("facebook", "instagram", "meta-ads")
_WRONG_CLIENT = ("invalid_client", "unauthorized_client")
_META_FAULTS = {"1": "clientSecret", "101": "clientId"}
"""What Meta's error codes of this endpoint blame."""
_REFUSALS = (400, 401, 403)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_AHEAD = timedelta(minutes=10)
_LONGEST = timedelta(days=365)


class TokenEndpoints:
    """``profiles`` tells whom a token may act for."""

    def __init__(self, origins: Origins, profiles: ProfileList, clock: Callable[[], datetime]) -> None:
        self._origins, self._profiles, self._clock = origins, profiles, clock

    def exchange(
        self, platform: Platform, secrets: Secrets, code: str, verifier: str, redirect_uri: str
    ) -> Granted | Refused | Unreachable:
        """Tokens for a code, and whom they may act for."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if verifier:
            form["code_verifier"] = verifier
        tokens = self._tokens(platform, secrets.credentials, form)
        if isinstance(tokens, Tokens) and platform.id in META:
            tokens = self._longer(platform, secrets.credentials, tokens)
        if not isinstance(tokens, Tokens):
            return tokens
        return self._profiles.of(platform, secrets.credentials, tokens)

    def refresh(self, platform: Platform, secrets: Secrets) -> Tokens | Refused | Unreachable:
        """New tokens for those that end."""
        old = secrets.tokens
        if old is None:
            return Refused("", "there is no consent yet")
        if platform.id in META:
            return self._longer(platform, secrets.credentials, old)
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh}
        return self._tokens(platform, secrets.credentials, form, old.refresh)

    def app_fault(
        self, platform: Platform, credentials: Mapping[str, str], redirect_uri: str
    ) -> Refused | Unreachable | None:
        """What the endpoint has against the app's credentials, None where it takes them. It is asked by a code that
        nobody gave out: a client is authenticated before its code is looked at (RFC 6749 §4.1.3)."""
        form = {"grant_type": "authorization_code", "code": "clarion-check", "redirect_uri": redirect_uri}
        found = self._tokens(platform, credentials, form)
        if isinstance(found, Refused) and not found.field:
            return None
        return None if isinstance(found, Tokens) else found

    def _longer(
        self, platform: Platform, credentials: Mapping[str, str], tokens: Tokens
    ) -> Tokens | Refused | Unreachable:
        form = {"grant_type": "fb_exchange_token", "fb_exchange_token": tokens.access}
        return self._tokens(platform, credentials, form)

    def _tokens(
        self, platform: Platform, credentials: Mapping[str, str], form: Mapping[str, str], refresh: str = ""
    ) -> Tokens | Refused | Unreachable:
        oauth = platform.oauth
        if oauth is None:
            raise ValueError(f"{platform.id} has no consent")
        client = self._client(platform, oauth, credentials, form)
        app = {} if oauth.basic else {name: credentials[key] for name, key in _APP}
        body = urlencode({**form, **app}).encode()
        answer = client.request("POST", oauth.token_path, body=body, headers=FORM)
        if isinstance(answer, Retry | Unknown):
            return Unreachable(answer.reason)
        return self._read(platform, answer, refresh)

    def _client(
        self, platform: Platform, oauth: OAuth, credentials: Mapping[str, str], form: Mapping[str, str]
    ) -> HttpClient:
        secret, basic = credentials["clientSecret"], basic_of(credentials)
        headers = {"Accept": "application/json", **({"Authorization": f"Basic {basic}"} if oauth.basic else {})}
        spent = [value for name, value in form.items() if name not in ("grant_type", "redirect_uri")]
        base = self._origins.of(platform.id, oauth.token_host)
        return HttpClient(base, headers=headers, secrets=[secret, basic, *spent], connections=1)

    def _read(self, platform: Platform, answer: Answer, refresh: str) -> Tokens | Refused | Unreachable:
        found = answer.json()
        told = found if isinstance(found, dict) else {}
        access = told.get("access_token")
        if answer.status == 200 and isinstance(access, str) and access:
            return self._as_tokens(platform, told, access, refresh)
        if answer.status not in _REFUSALS or not told:
            # Nothing of a success is quoted: it may hold a token where none was looked for.
            return Unreachable(f"the vendor answered {answer.status}")
        error = told.get("error")
        if isinstance(error, dict):
            return Refused(
                _META_FAULTS.get(str(error.get("code")), ""), answer.words(error.get("message") or "it gives no reason")
            )
        words = answer.words(told.get("error_description") or error or "it gives no reason")
        return Refused("clientSecret" if error in _WRONG_CLIENT else "", words)

    def _as_tokens(self, platform: Platform, told: Mapping[str, object], access: str, refresh: str) -> Tokens:
        """A vendor that does not rotate refresh tokens leaves the old one in force. ``expires_in`` is in seconds; Meta
        leaves it out for tokens without an end."""
        kept = told.get("refresh_token") or refresh
        seconds = told.get("expires_in")
        if not isinstance(seconds, int | float) or seconds <= 0:
            return Tokens(access, str(kept))
        life = min(timedelta(seconds=seconds), _LONGEST)
        now = self._clock()
        renewable = bool(kept) or platform.id in META
        return Tokens(access, str(kept), now + life, now + life - max(_AHEAD, life / 10) if renewable else None)


_APP = (("client_id", "clientId"), ("client_secret", "clientSecret"))


def basic_of(credentials: Mapping[str, str]) -> str:
    """How an app says who it is by Basic authentication (RFC 6749 §2.3.1: both parts are form-encoded first)."""
    pair = f"{quote(credentials['clientId'], safe='')}:{quote(credentials['clientSecret'], safe='')}"
    return b64encode(pair.encode()).decode()
