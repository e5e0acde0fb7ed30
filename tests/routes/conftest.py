"""Calls a handler as API Gateway would (HTTP API payload format 2.0), on moto."""

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clarion import keys, settings, wiring
from clarion.storage.table import Table

ROOT = Path(__file__).resolve().parents[2]
ACME, GLOBEX = "01J00000000000000000000ACM", "01J00000000000000000000GBX"
OWNER, EDITOR, VIEWER, STRANGER = "u-owner", "u-editor", "u-viewer", "u-stranger"


def load_handler(area: str, name: str) -> Any:
    """The ``handler`` of ``functions/<area>/<name>.py``."""
    path = ROOT / "functions" / area / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"functions.{area}.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


@dataclass(frozen=True)
class Answered:
    """What a client would see."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@pytest.fixture(autouse=True)
def _fresh_wiring() -> None:
    """Every test builds its own clients, inside its own moto."""
    settings.settings.cache_clear()
    for thing in vars(wiring).values():
        if hasattr(thing, "cache_clear"):
            thing.cache_clear()


@pytest.fixture
def people(table: Table) -> None:
    """Acme has an owner, an editor and a viewer; the stranger owns Globex."""
    for org, user, role in (
        (ACME, OWNER, "owner"),
        (ACME, EDITOR, "editor"),
        (ACME, VIEWER, "viewer"),
        (GLOBEX, STRANGER, "owner"),
    ):
        member = {"user_id": user, "org_id": org, "role": role, "email": f"{user}@example.com"}
        member |= {"joined_at": "2026-01-01T00:00:00.000Z", "organisation": org}
        table.put({**keys.member(org, user), **member})
        table.put({**keys.membership(user, org), **member})


@pytest.fixture
def call(people: None) -> Any:
    """``call("contacts", "get_contact", path={…}, body={…}, query={…}, user=VIEWER, headers={…})`` → Answered."""

    def call(
        area: str,
        name: str,
        *,
        path: dict[str, str] | None = None,
        body: Any = None,
        raw_body: str | None = None,
        query: dict[str, str] | None = None,
        user: str | None = OWNER,
        org: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        handler = load_handler(area, name)
        operation = getattr(handler, "operation", None)
        method = operation.method if operation else "GET"
        url = operation.path if operation else "/"
        for key, value in (path or {}).items():
            url = url.replace("{" + key + "}", value)
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": f"{method} {url}",
            "rawPath": url,
            "headers": {"authorization": "Bearer token", **({"orgid": org} if org else {}), **(headers or {})},
            "requestContext": {"http": {"method": method, "path": url}, "stage": "$default"},
            "pathParameters": path or {},
            "queryStringParameters": query or {},
            "isBase64Encoded": False,
        }
        if user is not None:
            event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": user, "client_id": "app"}}}
        if raw_body is not None or body is not None:
            event["body"] = raw_body if raw_body is not None else json.dumps(body)
        context = SimpleNamespace(
            function_name=name,
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:test",
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: 10_000,
        )
        answer = handler(event, context)
        return Answered(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))

    return call
