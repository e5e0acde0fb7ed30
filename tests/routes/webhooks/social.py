"""A vendor's request as API Gateway hands it over, and organisations with platforms and posts."""

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from clarion import keys, wiring
from clarion.domain.connection import Connection, Profile, Secrets
from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication
from clarion.storage.publications import PublicationTable
from clarion.storage.table import Table
from tests.fakes.publications import CAMPAIGN, MADE_AT
from tests.routes.conftest import ACME, Answered, load_handler

PUBLISHED_AT = datetime(2026, 11, 21, 9, 1, tzinfo=UTC)
NEXT_READ = datetime(2100, 1, 1, tzinfo=UTC)


def connect(platform: str, *profiles: str, org: str = ACME, status: Any = "connected", **credentials: str) -> None:
    """As the routes of integrations leave it."""
    version = str(uuid4())
    wiring.vault().put(org, platform, version, Secrets(credentials))
    named = tuple(Profile(id=each, name="Acme", kind="page") for each in profiles)
    connection = Connection(id=platform, status=status, secret_version=version, profiles=named)
    wiring.connection_table().save(org, connection)


def publish(table: Table, platform: str, profile: str, vendor_id: str, org: str = ACME) -> Publication:
    """A post of a campaign's first run, whose figures were read and are read next in a day far off."""
    outlet = Outlet(platform=platform, profile=profile)
    message = MessageRef(org, outlet.id, CAMPAIGN, 1, "1", "social")
    table.put({**keys.message(*message), "state": "claimed", "claimed_at": "2026-11-21T09:00:00.000Z"})
    publications, begun = PublicationTable(table), Publication(message=message, outlet=outlet, made_at=MADE_AT)
    publications.begin(begun)
    publications.add_figures(publications.published(begun, vendor_id, PUBLISHED_AT), {}, NEXT_READ, PUBLISHED_AT)
    return _publication(table, message)


def _publication(table: Table, message: MessageRef) -> Publication:
    found = PublicationTable(table).get(message)
    assert found is not None
    return found


def ask(name: str, org: str = ACME, *, body: str = "", query: dict[str, str] | None = None, **headers: str) -> Answered:
    """A request to ``functions/webhooks/<name>.py``; underscores of headers are hyphens."""
    handler = load_handler("webhooks", name)
    event = {
        "version": "2.0",
        "rawPath": handler.operation.path.replace("{org_id}", org),
        "rawQueryString": urlencode(query or {}),
        "headers": {header.replace("_", "-"): value for header, value in headers.items()},
        "requestContext": {"http": {"method": handler.operation.method}},
        "pathParameters": {"org_id": org},
        "body": b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }
    context = SimpleNamespace(
        function_name=name, memory_limit_in_mb=512, invoked_function_arn="arn:aws:lambda:x", aws_request_id="r"
    )
    answer = handler(event, context)
    return Answered(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))


def replies(table: Table, of: Publication) -> list[dict[str, Any]]:
    """The events kept of a post."""
    return list(table.query_all(keys.person_pk(of.message.org, of.message.contact), "EVENT#"))


def to_be_read_soon(table: Table, of: Publication) -> bool:
    """Whether somebody asked for the post's figures before their time."""
    next_poll = _publication(table, of.message).next_poll
    assert next_poll is not None
    return next_poll < NEXT_READ


def digest(body: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
