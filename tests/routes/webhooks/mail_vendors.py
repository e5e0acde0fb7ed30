"""Vendors of e-mail as they call us: connected organisations, signed requests, and what is kept of them."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import boto3
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clarion.channels.vault import SecretsVault
from clarion.domain.connection import Connection, Secrets
from clarion.storage.connections import ConnectionTable
from clarion.storage.table import Item, Table
from tests.routes.conftest import ACME, Answered, load_handler

PREFIX = "clarion/test"
SIGNING_KEY = "mailgun-test-signing-key"
OURS = {"org": ACME, "contact": "ann", "campaign": "k", "run": "1", "step": "1"}
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
VERSION = "11111111-2222-4333-8444-555555555555"


def connect(table: Table, platform: str, org: str = ACME, **credentials: str) -> None:
    """The organisation has connected the platform by these credentials."""
    vault = SecretsVault(boto3.client("secretsmanager", region_name="eu-west-1"), PREFIX)
    vault.put(org, platform, VERSION, Secrets(credentials))
    ConnectionTable(table).save(org, Connection(id=platform, status="connected", secret_version=VERSION))


def kept(table: Table, org: str = ACME, contact: str = "ann") -> list[Item]:
    """The events of a contact, in the order of their times."""
    return list(table.query_all(f"ORG#{org}#CONTACT#{contact}", "EVENT#"))


def kinds(table: Table, org: str = ACME, contact: str = "ann") -> list[str]:
    return [item["kind"] for item in kept(table, org, contact)]


def post(name: str, org: str, body: bytes, headers: Mapping[str, str], *, as_base64: bool = False) -> Answered:
    """What ``functions/webhooks/<name>.py`` answers to a vendor's POST."""
    handler = load_handler("webhooks", name)
    path = handler.operation.path.replace("{org_id}", org)
    event = {
        "version": "2.0",
        "routeKey": handler.operation.path,
        "rawPath": path,
        "headers": dict(headers),
        "requestContext": {"http": {"method": "POST", "path": path}},
        "pathParameters": {"org_id": org},
        "body": base64.b64encode(body).decode() if as_base64 else body.decode(),
        "isBase64Encoded": as_base64,
    }
    answer = handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000))
    return Answered(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))


class SendGridAccount:
    """Signs as SendGrid does."""

    def __init__(self) -> None:
        self._key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.webhook_key = base64.b64encode(public).decode()

    def headers(self, body: bytes, at: datetime = NOW) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        signature = self._key.sign(stamp.encode() + body, ECDSA(SHA256()))
        return {
            "content-type": "application/json;charset=utf-8",
            "x-twilio-email-event-webhook-timestamp": stamp,
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        }


def mailgun_signature(timestamp: str, token: str = "a" * 50, key: str = SIGNING_KEY) -> dict[str, str]:
    signature = hmac.new(key.encode(), (timestamp + token).encode(), sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": signature}


def mailgun_json(event: Mapping[str, Any], signature: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request of today's webhooks."""
    body = json.dumps({"signature": signature, "event-data": event}).encode()
    return body, {"content-type": "application/json"}


def mailgun_form(fields: list[tuple[str, str]], signature: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request of the older webhooks: the signature comes last."""
    body = urlencode([*fields, *signature.items()]).encode()
    return body, {"content-type": "application/x-www-form-urlencoded"}
