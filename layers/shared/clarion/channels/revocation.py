"""Giving tokens back to the vendor that gave them, as each vendor documents it.

========== ============================================ =================================================
X          ``POST /2/oauth2/revoke`` (RFC 7009)         the token, and no other
Google     ``POST /revoke`` (RFC 7009)                   the member's whole consent to the app
Meta       ``DELETE /me/permissions``                    the member's whole consent to the app
LinkedIn   documents none: its tokens end after 60 days
========== ============================================ =================================================

https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token,
https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke,
https://developers.facebook.com/docs/graph-api/reference/user/permissions
"""

from urllib.parse import urlencode

from clarion.channels.graph import VERSION as GRAPH_VERSION
from clarion.channels.http import Answer, HttpClient
from clarion.channels.oauth import FORM, META, basic_of
from clarion.channels.origins import Origins
from clarion.channels.profiles import proof_of
from clarion.domain.connection import Secrets, Tokens
from clarion.domain.outcomes import Retry, Unknown
from clarion.domain.platform import Platform

CONNECT_SECONDS, READ_SECONDS = 2.0, 3.0
"""For each of two calls at most: somebody waits for the disconnection."""


class TokenRevocation:
    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def revoke(self, platform: Platform, secrets: Secrets, end_consent: bool) -> str:
        """What became of the tokens, in a few words without secrets. ``end_consent`` allows what reaches further than
        these tokens: others that the member gave the same app. Never raises for what the vendor does."""
        tokens, oauth = secrets.tokens, platform.oauth
        if tokens is None or oauth is None:
            return "no token"
        if platform.id == "x":
            answers = [self._x(platform, secrets, token) for token in (tokens.refresh, tokens.access) if token]
            return next((told for told in answers if told != _DONE), _DONE)
        if platform.id == "linkedin":
            return "left to end by itself"
        if not end_consent:
            return "kept, with the member's consent to the app"
        return self._meta(platform, secrets, tokens) if platform.id in META else self._google(platform, tokens)

    def _x(self, platform: Platform, secrets: Secrets, token: str) -> str:
        """Its refresh token and its access token are given back each for itself."""
        basic = basic_of(secrets.credentials)
        client = self._client(platform, "https://api.x.com", [token, basic], {"Authorization": f"Basic {basic}"})
        return _told(
            client.request("POST", "/2/oauth2/revoke", body=urlencode({"token": token}).encode(), headers=FORM)
        )

    def _google(self, platform: Platform, tokens: Tokens) -> str:
        token = tokens.refresh or tokens.access
        client = self._client(platform, "https://oauth2.googleapis.com", [token], {})
        return _told(client.request("POST", "/revoke", body=urlencode({"token": token}).encode(), headers=FORM))

    def _meta(self, platform: Platform, secrets: Secrets, tokens: Tokens) -> str:
        proof = proof_of(secrets.credentials["clientSecret"], tokens.access)
        bearer = {"Authorization": f"Bearer {tokens.access}"}
        client = self._client(platform, platform.api, [tokens.access, proof], bearer)
        return _told(client.request("DELETE", f"/{GRAPH_VERSION}/me/permissions", query={"appsecret_proof": proof}))

    def _client(self, platform: Platform, published: str, secrets: list[str], headers: dict[str, str]) -> HttpClient:
        return HttpClient(
            self._origins.of(platform.id, published),
            headers={"Accept": "application/json", **headers},
            secrets=secrets,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            connections=1,
        )


_DONE = "revoked"


def _told(answer: Answer | Retry | Unknown) -> str:
    if isinstance(answer, Retry | Unknown):
        return f"not revoked: {answer.reason}"
    return _DONE if answer.status == 200 else f"not revoked: the vendor answered {answer.status}"
