"""A client of the public API, as any other program would write it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3

from local.settings import LocalError

CONFIRMATION_CODE = "123456"  # the emulated Cognito sends this code to everybody
PASSWORD = "Correct-horse-7"  # noqa: S105 - of a user that exists in the emulator alone
PEOPLE_USE = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Api:
    """Calls routes with JSON; anything but success ends the program with the problem's own words."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.headers: dict[str, str] = {}
        self._pool = urllib3.PoolManager(maxsize=16, retries=False, timeout=60)

    def sign_in(self, email: str, organisation: str) -> None:
        """Sign a new user up, with an organisation of its own, and log in."""
        who = {"email": email, "password": PASSWORD}
        self.call("POST", "/auth/sign-up", {**who, "organisationName": organisation})
        self.call("POST", "/auth/confirm", {"email": email, "code": CONFIRMATION_CODE})
        tokens = self.call("POST", "/auth/login", who)
        self.headers = {"authorization": f"Bearer {tokens['accessToken']}"}

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON answer of a route; LocalError with method, path and problem when it refuses."""
        url = f"{self.base_url}{path}{'?' + urlencode(query) if query else ''}"
        headers = {**self.headers, **({"content-type": "application/json"} if body is not None else {})}
        answer = self._pool.request(method, url, body=json.dumps(body) if body is not None else None, headers=headers)
        if answer.status >= 400:
            raise LocalError(f"{method} {path} answered {answer.status}: {answer.data.decode(errors='replace')[:500]}")
        return json.loads(answer.data) if answer.data else None

    def pages(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Every record of a list."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.call("GET", path, query={"limit": 200, **(query or {}), **cursor})
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def upload(self, url: str, data: bytes) -> None:
        """PUT a file to a presigned address."""
        answer = self._pool.request("PUT", url, body=data, headers={"content-type": "text/csv"})
        if answer.status >= 300:
            raise LocalError(f"the upload was refused with {answer.status}: {answer.data.decode()[:1500]}")

    def fetch(self, url: str, method: str = "GET", fields: Mapping[str, str] | None = None) -> int:
        """The status a recipient's program gets for an address in a mail; redirects are not followed."""
        body = urlencode(fields) if fields else None
        headers = {"user-agent": PEOPLE_USE}
        if fields:
            headers["content-type"] = "application/x-www-form-urlencoded"
        return self._pool.request(method, url, body=body, headers=headers, redirect=False).status
