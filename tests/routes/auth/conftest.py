"""A user pool like the stack's, on moto."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from clarion import settings, wiring


class Cognito:
    """moto's Cognito, with the operations that it lacks.

    ``failures`` and ``answers`` hold what the next call of an operation meets instead.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.failures: dict[str, str] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.revoked: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        if code := self.failures.pop(operation, None):
            error = ClientError({"Error": {"Code": code, "Message": "in Cognito's words"}}, operation)

            def fail(**request: Any) -> None:
                raise error

            return fail
        if answer := self.answers.pop(operation, None):
            return lambda **request: answer
        return getattr(self._client, operation)

    def revoke_token(self, *, ClientId: str, Token: str) -> dict[str, Any]:  # noqa: N803 - Cognito's names
        self.revoked.append(Token)
        return {}


@pytest.fixture
def cognito(call: Any, monkeypatch: pytest.MonkeyPatch) -> Cognito:
    """The user pool of the stack, empty."""
    client = boto3.client("cognito-idp", region_name="eu-west-1")
    pool_id = client.create_user_pool(
        PoolName="people",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Schema=[{"Name": "organisation", "AttributeDataType": "String", "Mutable": True}],
    )["UserPool"]["Id"]
    app = client.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    monkeypatch.setenv("USER_POOL_ID", pool_id)
    monkeypatch.setenv("USER_POOL_CLIENT_ID", app)
    settings.settings.cache_clear()
    pool, others = Cognito(client), wiring.aws
    monkeypatch.setattr(
        "clarion.wiring.people.aws", lambda service: pool if service == "cognito-idp" else others(service)
    )
    return pool
