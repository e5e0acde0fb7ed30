"""Meta's Graph API (https://developers.facebook.com/docs/graph-api): forms in, JSON out."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from clarion.channels.graph_outcomes import of_error
from clarion.channels.http import HttpClient
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Retry, Unknown

GRAPH = "https://graph.facebook.com"
VERSION = "v25.0"
"""Meta keeps a version for about two years."""

Json = dict[str, Any]


class Graph:
    """``token`` is a page's, an account's or a system user's; ``app_secret`` proves that it is our app that uses it."""

    def __init__(
        self,
        token: str,
        app_secret: str,
        base_url: str = GRAPH,
        *,
        version: str = VERSION,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self._http = HttpClient(
            base_url,
            headers={"Authorization": f"Bearer {token}"},
            secrets=[token, app_secret, self._proof],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
        )
        self._version, self._now = version, now

    def get(self, path: str, **query: object) -> Json | Failure:
        """What a node or an edge shows; ``path`` without the version."""
        form = urlencode(self._form(query))
        return self._call("GET", f"/{self._version}/{path}?{form}", None)

    def post(self, path: str, **fields: object) -> Json | Failure:
        """Create or change. Text goes as it is, all else as JSON; None is left out."""
        return self._call("POST", f"/{self._version}/{path}", urlencode(self._form(fields)).encode())

    def _form(self, fields: Mapping[str, object]) -> dict[str, str]:
        given = {name: value for name, value in fields.items() if value is not None}
        texts = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in given.items()
        }
        return {**texts, "appsecret_proof": self._proof}

    def _call(self, method: str, path: str, body: bytes | None) -> Json | Failure:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else None
        answer = self._http.request(method, path, body=body, headers=headers)
        if isinstance(answer, Retry | Unknown):
            return answer
        found = answer.json()
        if 200 <= answer.status < 300 and isinstance(found, dict) and "error" not in found:
            return found
        return of_error(answer, self._now())


def name_of(found: Json) -> str | None:
    """The ``id`` of what was created."""
    name = found.get("id")
    return name if isinstance(name, str) and name else None


def listed(found: Json) -> list[Json]:
    """The objects of ``data``."""
    data = found.get("data")
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []


def lifetime_values(found: Json) -> dict[str, int | None]:
    """Metrics by their names, of an answer of an ``insights`` edge."""
    values = {}
    for metric in listed(found):
        told = metric.get("values")
        last = told[-1] if isinstance(told, list) and told and isinstance(told[-1], dict) else {}
        values[str(metric.get("name"))] = number(last.get("value"))
    return values


def moment(told: object) -> datetime | None:
    """``2026-11-21T14:00:00+0000`` as Meta writes it; None for anything else, and without a zone."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at if at.tzinfo else None


def number(told: object) -> int | None:
    """A count; None for anything else."""
    return told if isinstance(told, int) else None
