"""moto 5.2 cannot run a PartiQL INSERT with parameters in a batch, and would overwrite a taken key."""

import re
from typing import Any

import pytest
from moto.dynamodb.exceptions import ConditionalCheckFailed
from moto.dynamodb.models import DynamoDBBackend

_INSERT = re.compile(r'INSERT INTO "([^"]+)" VALUE \{(.*)\}')


def run_inserts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes moto answer a BatchExecuteStatement of INSERTs as DynamoDB does: ``DuplicateItem`` where a key is taken."""

    def batch_execute_statement(backend: DynamoDBBackend, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_insert(backend, statement) for statement in statements]

    monkeypatch.setattr(DynamoDBBackend, "batch_execute_statement", batch_execute_statement)


def _insert(backend: DynamoDBBackend, statement: dict[str, Any]) -> dict[str, Any]:
    found = _INSERT.fullmatch(statement["Statement"])
    if not found:
        raise NotImplementedError(statement["Statement"])
    names = re.findall(r"'([^']*)': \?", found[2])
    item = dict(zip(names, statement["Parameters"], strict=True))
    try:
        backend.put_item(found[1], item, condition_expression="attribute_not_exists(pk)")
    except ConditionalCheckFailed:
        return {"TableName": found[1], "Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists"}}
    return {"TableName": found[1]}
