"""The health report on the deployed stack, with the permissions of its own role."""

import json
from typing import Any

import pytest

from clarion import keys
from clarion.domain.ids import new_id
from clarion.storage.table import Table
from local.stack import Stack

pytestmark = pytest.mark.stack

DEAD_LETTERS = {"plan", "send", "import", "export", "events", "aggregate"}


def report(stack: Stack, org: str, user: str) -> Any:
    member = {"user_id": user, "org_id": org, "role": "viewer", "email": "u@example.com", "organisation": "Acme"}
    table = Table(stack.client("dynamodb"), stack.outputs["TableName"])
    table.put({**keys.member(org, user), **member, "joined_at": "2026-01-01T00:00:00.000Z"})
    table.put({**keys.membership(user, org), **member, "joined_at": "2026-01-01T00:00:00.000Z"})
    claims = {"authorizer": {"jwt": {"claims": {"sub": user}}}}
    answer = stack.invoke("GetHealth", {"headers": {"orgid": org}, "requestContext": claims})
    assert answer["statusCode"] == 200
    return json.loads(answer["body"])


def test_the_report_may_read_every_queue_and_what_nobody_knows_is_null(stack: Stack) -> None:
    sqs = stack.client("sqs")
    sqs.send_message(QueueUrl=stack.outputs["PlanQueueUrl"], MessageBody="{}", DelaySeconds=900)
    health = report(stack, new_id(), new_id())
    assert health["queues"]["plan"]["delayed"] >= 1
    assert health["queues"]["plan"]["oldestSeconds"] is None
    assert set(health["deadLetters"]) >= DEAD_LETTERS
    assert None not in health["deadLetters"].values()
    assert not [reason for reason in health["reasons"] if "cannot be read" in reason]
