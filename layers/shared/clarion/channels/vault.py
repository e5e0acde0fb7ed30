"""Credentials in AWS Secrets Manager: ``clarion/<stack>/<organisation>/<platform>``, one JSON document.

A change is a new version, whose id is ours to choose: what was read of a connection names the version to read here.
"""

import json
import logging
from dataclasses import asdict
from typing import Any

from botocore.exceptions import ClientError

from clarion.clock import moment, stamp
from clarion.domain.connection import Secrets, Tokens
from clarion.domain.errors import Conflict, NotFound

_GONE = {"ResourceNotFoundException"}
_BEING_DELETED = "InvalidRequestException"


def never_log_secrets() -> None:
    """botocore logs requests and answers, whole, where a function logs everything."""
    for name in ("botocore", "urllib3"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))


class SecretsVault:
    """``client`` is a botocore Secrets Manager client; ``prefix`` is ``clarion/<stack>``."""

    def __init__(self, client: Any, prefix: str) -> None:
        never_log_secrets()
        self._client, self._prefix = client, prefix

    def put(self, org_id: str, platform: str, version: str, secrets: Secrets) -> None:
        """Keep a new version (a UUID). Putting it twice is no error; Conflict while the secret is being deleted."""
        name, text = self._name(org_id, platform), _to_text(secrets)
        try:
            try:
                self._client.put_secret_value(SecretId=name, ClientRequestToken=version, SecretString=text)
            except ClientError as error:
                if _code(error) not in _GONE:
                    raise
                self._client.create_secret(Name=name, ClientRequestToken=version, SecretString=text)
        except ClientError as error:
            if _code(error) == _BEING_DELETED:
                raise Conflict(f"{platform} was disconnected a moment ago: try again in a minute") from None
            raise

    def get(self, org_id: str, platform: str, version: str) -> Secrets:
        """Raises NotFound."""
        try:
            found = self._client.get_secret_value(SecretId=self._name(org_id, platform), VersionId=version)
        except ClientError as error:
            if _code(error) in {*_GONE, _BEING_DELETED}:
                raise NotFound("secret", platform) from None
            raise
        return _from_text(found["SecretString"])

    def delete(self, org_id: str, platform: str) -> None:
        """Every version, without a waiting time; deleting what is not there is no error."""
        try:
            self._client.delete_secret(SecretId=self._name(org_id, platform), ForceDeleteWithoutRecovery=True)
        except ClientError as error:
            if _code(error) not in {*_GONE, _BEING_DELETED}:
                raise

    def _name(self, org_id: str, platform: str) -> str:
        return f"{self._prefix}/{org_id}/{platform}"


def read_key(client: Any, secret_id: str) -> bytes:
    """The octets of a signing key that Secrets Manager holds as text."""
    never_log_secrets()
    return str(client.get_secret_value(SecretId=secret_id)["SecretString"]).encode()


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _to_text(secrets: Secrets) -> str:
    document = asdict(secrets)
    if secrets.tokens is not None:
        times = {"expires_at": secrets.tokens.expires_at, "refresh_at": secrets.tokens.refresh_at}
        document["tokens"] |= {name: at and stamp(at) for name, at in times.items()}
    return json.dumps(document)


def _from_text(text: str) -> Secrets:
    document = json.loads(text)
    tokens = document["tokens"]
    if tokens is not None:
        tokens |= {name: tokens[name] and moment(tokens[name]) for name in ("expires_at", "refresh_at")}
    return Secrets(document["credentials"], tokens and Tokens(**tokens), document["profile_tokens"])
