"""Secrets Manager on moto, and vendors on loopback."""

import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from clarion import settings, wiring
from tests.channels.vendor_server import LoopbackVendor

SECRET = "SG.a-secret-nobody-may-see"
PREFIX = "clarion/test"


def start_anew() -> None:
    """As a function does that reads its environment for the first time."""
    settings.settings.cache_clear()
    for thing in vars(wiring).values():
        if hasattr(thing, "cache_clear"):
            thing.cache_clear()


class Vault:
    """Secrets Manager as an operator sees it."""

    def __init__(self) -> None:
        self.client = boto3.client("secretsmanager", region_name="eu-west-1")

    def texts(self) -> dict[str, str]:
        """Current values of organisations' secrets by name."""
        names = [each["Name"] for each in self.client.list_secrets()["SecretList"]]
        found = {name: self.client.get_secret_value(SecretId=name)["SecretString"] for name in names}
        return {name: text for name, text in found.items() if name.startswith(PREFIX)}


@pytest.fixture
def vendor() -> Iterator[LoopbackVendor]:
    """SendGrid, Twilio and X in one: everything is fine there."""
    replies: dict[str, Any] = {
        "GET /v3/scopes": (200, {"scopes": ["mail.send"]}),
        "POST /2/oauth2/token": (200, {"access_token": f"{SECRET}-token", "refresh_token": "r", "expires_in": 7200}),
        "GET /2/users/me": (200, {"data": {"id": "7", "name": "Acme", "username": "acme"}}),
        f"GET /2010-04-01/Accounts/AC{'0' * 32}.json": (200, {"status": "active", "friendly_name": "Acme"}),
    }
    with LoopbackVendor(replies) as server:
        yield server


@pytest.fixture
def vault(aws: None, vendor: LoopbackVendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """What the template tells the functions."""
    loggers = [logging.getLogger(name) for name in ("botocore", "urllib3")]
    levels = [logger.level for logger in loggers]
    found = Vault()
    key = found.client.create_secret(Name="state-key", SecretString="a-key-of-the-tests-alone")["ARN"]
    monkeypatch.setenv("SECRETS_PREFIX", PREFIX)
    monkeypatch.setenv("OAUTH_STATE_SECRET", key)
    monkeypatch.setenv("PUBLIC_URL", "https://t.example.com")
    monkeypatch.setenv("EMAIL_CHANNEL", "ses")
    monkeypatch.setenv("VENDOR_URLS", " ".join(f"{name}={vendor.url}" for name in ("sendgrid", "twilio", "x")))
    yield found
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
