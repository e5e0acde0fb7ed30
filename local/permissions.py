"""Corrects which permissions the emulator asks a role for, where AWS asks for others.

What AWS asks for is in its Service Authorization Reference.
"""

import json
import re
from email.utils import parseaddr
from typing import Any

from ministack.core import iam_actions  # type: ignore[import-untyped]

_INSERT = re.compile(r'INSERT INTO "(?P<table>[^"]+)"')
_SEND_PATH = "/v2/email/outbound-"


def ask_as_aws_does() -> None:
    """Replace three of the emulator's functions; call it once, before the emulator serves.

    SQS: a batch operation needs the permission of the single one. DynamoDB: BatchExecuteStatement needs that of its
    statements on their tables, `dynamodb:PartiQLInsert` for the only ones the product sends. SES: sending is allowed
    on the sender's identity, which the emulator does not look for.
    """
    action, checks = iam_actions.extract_iam_action, iam_actions.dynamodb_transaction_checks
    ses_resource = iam_actions._ses_v2_resource_arn  # noqa: SLF001  # it has no setting

    def single_action(service: str, *request: Any) -> str | None:
        named: str | None = action(service, *request)
        return named.removesuffix("Batch") if named and service == "sqs" else named

    def statement_checks(named: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
        if named != "dynamodb:BatchExecuteStatement":
            return list(checks(named, body, region, account))
        found = [_INSERT.match(each["Statement"]) for each in json.loads(body)["Statements"]]
        tables = {insert["table"] if insert else "*" for insert in found}
        return [("dynamodb:PartiQLInsert", f"arn:aws:dynamodb:{region}:{account}:table/{name}") for name in tables]

    def sender_identity(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if not path.startswith(_SEND_PATH):
            return str(ses_resource(method, path, body, region, account))
        domain = parseaddr(json.loads(body).get("FromEmailAddress", ""))[1].rpartition("@")[2]
        return f"arn:aws:ses:{region}:{account}:identity/{domain}"

    iam_actions.extract_iam_action = single_action
    iam_actions.dynamodb_transaction_checks = statement_checks
    iam_actions._ses_v2_resource_arn = sender_identity  # noqa: SLF001
