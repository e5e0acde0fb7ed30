"""Whom a token may act for: pages, accounts, ad accounts, as each vendor lists them."""

import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from clarion.channels.google_ads_client import VERSION as GOOGLE_VERSION
from clarion.channels.graph import VERSION as GRAPH_VERSION
from clarion.channels.http import Answer, HttpClient
from clarion.channels.linkedin import VERSION as LINKEDIN_VERSION
from clarion.channels.origins import Origins
from clarion.domain.connection import Granted, Profile, Refused, Tokens, Unreachable
from clarion.domain.outcomes import Retry, Unknown
from clarion.domain.platform import Platform

_PAGES = 5
_NUMBER = re.compile(r"urn:li:organization:(\d+)")


class _Stopped(Exception):
    """The list ends here, with a verdict."""

    def __init__(self, verdict: Refused | Unreachable) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class ProfileList:
    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def of(self, platform: Platform, credentials: Mapping[str, str], tokens: Tokens) -> Granted | Refused | Unreachable:
        """The account's name and its profiles; the tokens of single profiles where they have their own."""
        try:
            match platform.id:
                case "facebook" | "instagram" | "meta-ads":
                    return self._meta(platform, credentials, tokens)
                case "linkedin":
                    return self._linkedin(platform, tokens)
                case "x":
                    return self._x(platform, tokens)
            return self._google_ads(platform, credentials, tokens)
        except _Stopped as stopped:
            return stopped.verdict
        except (AttributeError, KeyError, TypeError):  # of reading what is not shaped as documented
            return Unreachable("the vendor answered something else than it documents")

    def _meta(self, platform: Platform, credentials: Mapping[str, str], tokens: Tokens) -> Granted:
        client, proof = self._client(platform, tokens), proof_of(credentials["clientSecret"], tokens.access)
        me, named = f"/{GRAPH_VERSION}/me", {"fields": "id,name", "appsecret_proof": proof}
        account = str(_get(client, me, named).get("name", ""))
        if platform.id == "meta-ads":
            listed = _meta_pages(client, f"{me}/adaccounts", named)
            found = [Profile(id=str(each["id"]), name=str(each.get("name", "")), kind="ad-account") for each in listed]
            return Granted(tokens, account, tuple(found))
        fields = "id,name,access_token,instagram_business_account{id,username}"
        pages = list(_meta_pages(client, f"{me}/accounts", {"fields": fields, "appsecret_proof": proof}))
        profiles, page_tokens = [], {}
        for page in pages:
            linked = page.get("instagram_business_account")
            if platform.id == "facebook":
                profile = Profile(id=str(page["id"]), name=str(page.get("name", "")), kind="page")
            elif isinstance(linked, dict):
                profile = Profile(id=str(linked["id"]), name=str(linked.get("username", "")), kind="account")
            else:
                continue
            profiles.append(profile)
            if page.get("access_token"):
                page_tokens[profile.id] = str(page["access_token"])
        return Granted(tokens, account, tuple(profiles), page_tokens)

    def _linkedin(self, platform: Platform, tokens: Tokens) -> Granted:
        client = self._client(platform, tokens)
        person = _get(client, "/v2/userinfo", {})
        member = Profile(id=f"urn:li:person:{person['sub']}", name=str(person.get("name", "")), kind="person")
        versioned = {"LinkedIn-Version": LINKEDIN_VERSION, "X-Restli-Protocol-Version": "2.0.0"}
        query = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}
        answer = client.request("GET", "/rest/organizationAcls", query=query, headers=versioned)
        listed = answer.json() if isinstance(answer, Answer) and answer.status == 200 else None
        elements = listed.get("elements", []) if isinstance(listed, dict) else []
        # An app without LinkedIn's permission for organisations still posts for the member.
        urns = [str(each.get("organization", each.get("organizationTarget", ""))) for each in elements]
        found = [_organisation(urn) for urn in urns if _NUMBER.fullmatch(urn)]
        return Granted(tokens, member.name, (member, *found))

    def _x(self, platform: Platform, tokens: Tokens) -> Granted:
        user = _get(self._client(platform, tokens), "/2/users/me", {}).get("data") or {}
        profile = Profile(id=str(user.get("id", "")), name=f"@{user.get('username', '')}", kind="account")
        return Granted(tokens, profile.name, (profile,) if profile.id else ())

    def _google_ads(self, platform: Platform, credentials: Mapping[str, str], tokens: Tokens) -> Granted:
        headers = {"developer-token": credentials["developerToken"]}
        client = self._client(platform, tokens, headers)
        listed = _get(client, f"/{GOOGLE_VERSION}/customers:listAccessibleCustomers", {}).get("resourceNames") or []
        ids = [str(name).removeprefix("customers/") for name in listed]
        found = [Profile(id=each, name=f"{each[:3]}-{each[3:6]}-{each[6:]}", kind="ad-account") for each in ids]
        return Granted(tokens, credentials.get("loginCustomerId", ""), tuple(found))

    def _client(self, platform: Platform, tokens: Tokens, headers: Mapping[str, str] | None = None) -> HttpClient:
        base = self._origins.of(platform.id, platform.api)
        sent = {"Authorization": f"Bearer {tokens.access}", **(headers or {})}
        secrets = [tokens.access, *(headers or {}).values()]
        return HttpClient(base, headers=sent, secrets=secrets, connections=1)


def proof_of(app_secret: str, token: str) -> str:
    """Meta's ``appsecret_proof``: that who calls with the token is the app it was given to."""
    return hmac.digest(app_secret.encode(), token.encode(), "sha256").hex()


def _organisation(urn: str) -> Profile:
    """LinkedIn lists its number alone."""
    return Profile(id=urn, name=f"Organization {urn.rpartition(':')[2]}", kind="organization")


def _meta_pages(client: HttpClient, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    after = ""
    for _ in range(_PAGES):
        found = _get(client, path, {**query, "limit": "100", **({"after": after} if after else {})})
        yield from found.get("data") or []
        paging = found.get("paging") or {}
        after = (paging.get("cursors") or {}).get("after", "") if paging.get("next") else ""
        if not after:
            return


def _get(client: HttpClient, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    """The answer's object; raises _Stopped where there is none."""
    answer = client.request("GET", path, query=query)
    if isinstance(answer, Retry | Unknown):
        raise _Stopped(Unreachable(answer.reason))
    found = answer.json()
    if answer.status == 200 and isinstance(found, dict):
        return found
    if answer.status in (400, 401, 403):
        raise _Stopped(refusal_of(answer))
    raise _Stopped(Unreachable(f"the vendor answered {answer.status}"))


def refusal_of(answer: Answer) -> Refused:
    """What a vendor says against a token, in the shape of Meta (and Google), X or LinkedIn."""
    found = answer.json()
    told = found if isinstance(found, dict) else {}
    error = told.get("error")
    message = error.get("message") if isinstance(error, dict) else told.get("detail") or told.get("message")
    return Refused("", answer.words(message) or f"it answered {answer.status}")
