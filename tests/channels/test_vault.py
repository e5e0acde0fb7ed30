"""Credentials in Secrets Manager, on moto."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from clarion.channels.vault import SecretsVault, read_key
from clarion.domain.connection import Secrets, Tokens
from clarion.domain.errors import Conflict, NotFound

ORG = "01J00000000000000000000ACM"
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECRETS = Secrets({"apiKey": "a-key-nobody-may-see"}, Tokens("access-nobody-may-see", "refresh", AT, AT), {"1": "page"})


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("botocore", "urllib3")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def client(aws: None) -> Any:
    return boto3.client("secretsmanager", region_name="eu-west-1")


@pytest.fixture
def vault(client: Any) -> SecretsVault:
    return SecretsVault(client, "clarion/test")


def refuse(client: Any, operation: str, code: str) -> None:
    """AWS answers ``operation`` by an error."""

    def answer(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    client.meta.events.register(f"before-call.secrets-manager.{operation}", answer)


def version() -> str:
    return str(uuid4())


def test_what_is_kept_comes_back(vault: SecretsVault, client: Any) -> None:
    vault.put(ORG, "x", first := version(), SECRETS)
    assert vault.get(ORG, "x", first) == SECRETS
    assert [each["Name"] for each in client.list_secrets()["SecretList"]] == [f"clarion/test/{ORG}/x"]


def test_without_tokens_too(vault: SecretsVault) -> None:
    secrets = Secrets({"apiKey": "key"})
    vault.put(ORG, "sendgrid", first := version(), secrets)
    assert vault.get(ORG, "sendgrid", first) == secrets


def test_each_version_stays_readable_by_its_name(vault: SecretsVault) -> None:
    versions = {name: version() for name in ("one", "two", "three")}
    for name, each in versions.items():
        vault.put(ORG, "x", each, Secrets({"apiKey": name}))
    for name, each in versions.items():
        assert vault.get(ORG, "x", each).credentials == {"apiKey": name}


def test_keeping_a_version_twice_is_no_error(vault: SecretsVault) -> None:
    vault.put(ORG, "x", first := version(), SECRETS)
    vault.put(ORG, "x", first, SECRETS)
    assert vault.get(ORG, "x", first) == SECRETS


def test_deleting_takes_every_version_at_once(vault: SecretsVault) -> None:
    versions = [version(), version()]
    for each in versions:
        vault.put(ORG, "x", each, SECRETS)
    vault.delete(ORG, "x")
    vault.delete(ORG, "x")
    for each in versions:
        with pytest.raises(NotFound):
            vault.get(ORG, "x", each)


def test_another_organisation_has_another_secret(vault: SecretsVault) -> None:
    vault.put(ORG, "x", first := version(), SECRETS)
    with pytest.raises(NotFound):
        vault.get("01J00000000000000000000GBX", "x", first)
    with pytest.raises(NotFound):
        vault.get(ORG, "linkedin", first)


@pytest.mark.parametrize("operation", ["PutSecretValue", "CreateSecret"])
def test_a_secret_that_is_being_deleted_asks_for_patience(vault: SecretsVault, client: Any, operation: str) -> None:
    refuse(client, operation, "InvalidRequestException")
    with pytest.raises(Conflict, match="try again in a minute"):
        vault.put(ORG, "x", version(), SECRETS)


def test_and_is_not_found(vault: SecretsVault, client: Any) -> None:
    vault.put(ORG, "x", first := version(), SECRETS)
    client.delete_secret(SecretId=f"clarion/test/{ORG}/x")
    with pytest.raises(NotFound):
        vault.get(ORG, "x", first)
    vault.delete(ORG, "x")


def test_other_failures_are_not_taken_for_an_absence(vault: SecretsVault, client: Any) -> None:
    refuse(client, "*", "AccessDeniedException")
    for act in (lambda: vault.get(ORG, "x", version()), lambda: vault.put(ORG, "x", version(), SECRETS)):
        with pytest.raises(ClientError, match="AccessDenied"):
            act()


def test_even_where_everything_is_logged_secrets_are_not(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vault = SecretsVault(client, "clarion/test")
    vault.put(ORG, "x", first := version(), SECRETS)
    vault.get(ORG, "x", first)
    assert "nobody-may-see" not in caplog.text


def test_botocore_would_log_them(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Else the test above could not fail."""
    caplog.set_level(logging.DEBUG)
    client.create_secret(Name="seen", SecretString="nobody-may-see")
    assert "nobody-may-see" in caplog.text


def test_a_signing_key_is_read_as_it_stands(client: Any) -> None:
    arn = client.create_secret(Name="state", SecretString="a key")["ARN"]
    assert read_key(client, arn) == b"a key"
