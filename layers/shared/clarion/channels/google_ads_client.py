"""The Google Ads API over REST (https://developers.google.com/google-ads/api/rest/overview): proto3 JSON both ways."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clarion.channels.google_ads_outcomes import of_error
from clarion.channels.http import HttpClient
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Retry, Unknown

API = "https://googleads.googleapis.com"
VERSION = "v25"
"""Google switches a version off after about a year."""

Json = dict[str, Any]


class GoogleAdsClient:
    """``access_token`` is OAuth 2 with the scope ``adwords`` and lives an hour. ``customer_id`` is the ad account and
    ``login_customer_id`` the manager account it is reached through (its own where there is none): digits alone.
    """

    def __init__(
        self,
        access_token: str,
        developer_token: str,
        customer_id: str,
        login_customer_id: str,
        base_url: str = API,
        *,
        version: str = VERSION,
        connect_seconds: float = 3,
        read_seconds: float = 30,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not (customer_id.isdigit() and login_customer_id.isdigit()):
            raise ValueError("a Google Ads account is ten digits, without dashes")
        self._http = HttpClient(
            base_url,
            headers={
                "Authorization": f"Bearer {access_token}",
                "developer-token": developer_token,
                "login-customer-id": login_customer_id,
            },
            secrets=[access_token, developer_token],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
        )
        self.customer = f"customers/{customer_id}"
        self._version, self._now = version, now

    def search(self, resource: str, fields: Sequence[str], *conditions: str) -> list[Json] | Failure:
        """All rows of ``resource`` that meet ``conditions``, in the words of Google's query language."""
        words = ["SELECT", ", ".join(fields), "FROM", resource]
        query = " ".join([*words, *(["WHERE", " AND ".join(conditions)] if conditions else [])])
        found = self._call(f"{self.customer}/googleAds:searchStream", {"query": query})
        if not isinstance(found, dict | list):
            return found
        parts = found if isinstance(found, list) else [found]
        results = [part.get("results") for part in parts if isinstance(part, dict)]
        return [row for rows in results if isinstance(rows, list) for row in rows if isinstance(row, dict)]

    def post(self, path: str, payload: Mapping[str, object]) -> Json | Failure:
        """``path`` without the version, such as ``customers/1/googleAds:mutate``."""
        found = self._call(path, payload)
        return Unknown("Google answered something unreadable") if isinstance(found, list) else found

    def _call(self, path: str, payload: Mapping[str, object]) -> Json | list[Any] | Failure:
        answer = self._http.post_json(f"/{self._version}/{path}", payload)
        if isinstance(answer, Retry | Unknown):
            return answer
        if not 200 <= answer.status < 300:
            return of_error(answer, self._now())
        found = answer.json()
        return found if isinstance(found, dict | list) else Unknown("Google answered something unreadable")


def within(row: object, *path: str) -> Any:
    """What lies at ``path`` of nested objects; None where there is nothing: proto3 JSON leaves out what is empty."""
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row
