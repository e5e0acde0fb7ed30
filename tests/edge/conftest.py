"""Handlers made on the spot, called as API Gateway would."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from clarion import wiring
from clarion.domain.access import Role
from clarion.edge.route import Handler

ACME, GLOBEX = "01J00000000000000000000ACM", "01J00000000000000000000GBX"


@dataclass
class MembershipsInMemory:
    """``roles`` maps (user, organisation) to the role."""

    roles: dict[tuple[str, str], Role]

    def role_in(self, user_id: str, org_id: str) -> Role | None:
        return self.roles.get((user_id, org_id))

    def organisations_of(self, user_id: str) -> list[str]:
        return [org for user, org in self.roles if user == user_id]


@pytest.fixture(autouse=True)
def memberships(monkeypatch: pytest.MonkeyPatch) -> MembershipsInMemory:
    """Ann owns Acme, Vic may look at it, Bob owns Globex and edits at Acme."""
    known = MembershipsInMemory(
        {
            ("ann", ACME): Role.OWNER,
            ("vic", ACME): Role.VIEWER,
            ("bob", GLOBEX): Role.OWNER,
            ("bob", ACME): Role.EDITOR,
        }
    )
    monkeypatch.setattr(wiring, "memberships", lambda: known)
    return known


@dataclass(frozen=True)
class Answered:
    """What a client would see."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields a problem names."""
        return [error["field"] for error in self.json["errors"]]


Send = Callable[..., Answered]


@pytest.fixture
def send() -> Send:
    """``send(handler, raw_body, user="ann", …)`` → Answered."""

    def send(
        handler: Handler,
        raw_body: str | None = None,
        *,
        user: str | None = "ann",
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        base64: bool = False,
        method: str | None = None,
        **headers: str,
    ) -> Answered:
        event: dict[str, Any] = {
            "rawPath": handler.operation.path,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "requestContext": {"http": {"method": method or handler.operation.method}},
            "isBase64Encoded": base64,
        }
        if user:
            event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": user}}}
        if raw_body is not None:
            event["body"] = raw_body
        if path:
            event["pathParameters"] = path
        if query:
            event["queryStringParameters"] = query
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000)
        answer = handler(event, context)
        return Answered(answer["statusCode"], answer["headers"], answer.get("body", ""))

    return send
