"""The one table through a botocore client: plain dicts in and out, for workers and wherever items are conditional."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

Item = dict[str, Any]
Key = Mapping[str, str]

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize
_GET_LIMIT = 100  # keys a BatchGetItem takes (DynamoDB quota page)
_INSERT_LIMIT = 25  # statements a BatchExecuteStatement takes
_CONFLICT_ATTEMPTS = 12


class ConditionFailed(Exception):
    """A conditional write found another state; ``index`` is the failing action of a transaction."""

    def __init__(self, index: int = 0) -> None:
        super().__init__(f"condition of action {index} failed")
        self.index = index


def to_wire(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed form; attributes that are ``None`` are left out, floats are refused (use Decimal)."""
    return {name: _serialise(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """Plain values: numbers as Decimal, binaries as ``bytes``."""
    return {name: _plain(_deserialise(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Binary):
        return bytes(value.value)  # type: ignore[attr-defined]  # the stubs know no `value`
    if isinstance(value, set):
        return {_plain(each) for each in value}
    return value


class Table:
    """``client`` is a botocore DynamoDB client; ``name`` the table's name."""

    def __init__(self, client: Any, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._name, self._sleep = client, name, sleep

    def get(self, key: Key) -> Item | None:
        """One item, read consistently."""
        found = self._client.get_item(TableName=self._name, Key=to_wire(key), ConsistentRead=True).get("Item")
        return from_wire(found) if found else None

    def batch_get(self, keys: Iterable[Key]) -> Iterator[Item]:
        """The items that exist, in any order, read consistently; what DynamoDB leaves unprocessed is asked again."""
        waiting = [to_wire(key) for key in keys]
        attempt = 0
        while waiting:
            part, waiting = waiting[:_GET_LIMIT], waiting[_GET_LIMIT:]
            request = {self._name: {"Keys": part, "ConsistentRead": True}}
            answer = self._client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._name, []):
                yield from_wire(item)
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if left:
                attempt += 1
                self._back_off(attempt)
            waiting = [*left, *waiting]

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        after: Key | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> tuple[list[Item], Key | None]:
        """One page: items whose sort key starts with ``prefix``, and the key to go on after (None at the end)."""
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            condition, values = "pk = :pk AND begins_with(sk, :sk)", {**values, ":sk": {"S": prefix}}
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
        }
        if after:
            request["ExclusiveStartKey"] = to_wire(after)
        if limit:
            request["Limit"] = limit
        answer = self._client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return [from_wire(item) for item in answer["Items"]], from_wire(last) if last else None

    def query_all(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """Every item below ``prefix``, page after page."""
        after: Key | None = None
        while True:
            items, after = self.query(pk, prefix, after=after)
            yield from items
            if after is None:
                return

    def query_between(self, pk: str, first: str, last: str) -> Iterator[Item]:
        """Every item whose sort key is from ``first`` to ``last``, both included, page after page."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
            "ConsistentRead": True,
        }
        while True:
            answer = self._client.query(**request)
            yield from map(from_wire, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def query_due(self, due_pk: str, until: str, limit: int | None = None) -> list[Item]:
        """Keys of what is due in one shard of the due index, oldest first, up to and including ``until``; one page."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "IndexName": "due",
            "KeyConditionExpression": "due_pk = :pk AND due_sk <= :until",
            "ExpressionAttributeValues": {":pk": {"S": due_pk}, ":until": {"S": until + "~"}},
        }
        if limit:
            request["Limit"] = limit
        answer = self._client.query(**request)
        return [from_wire(item) for item in answer["Items"]]

    def put(self, item: Mapping[str, Any], *, if_absent: bool = False) -> None:
        """Raises ConditionFailed when ``if_absent`` and the key is taken."""
        self._write("put_item", put(item, if_absent=if_absent)["Put"])

    def update(self, key: Key, **expression: Any) -> None:
        """As ``update(…)`` below; raises ConditionFailed."""
        self._write("update_item", update(key, **expression)["Update"])

    def delete(self, key: Key) -> None:
        """Deleting what is not there is no error."""
        self._write("delete_item", {"Key": to_wire(key)})

    def _write(self, operation: str, action: dict[str, Any]) -> None:
        """A transaction that holds the item refuses single writes for its moment; botocore does not retry that."""
        for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
            try:
                getattr(self._client, operation)(TableName=self._name, **action)
                return
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    raise ConditionFailed from None
                if code != "TransactionConflictException" or attempt == _CONFLICT_ATTEMPTS:
                    raise
                self._back_off(attempt)

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        """Up to 100 actions, all or nothing; a conflict with another transaction is tried again.

        Raises ConditionFailed with the index of the first action whose condition failed.
        """
        named = [{kind: {"TableName": self._name, **body} for kind, body in action.items()} for action in actions]
        # One token for all attempts: a first one whose answer was lost then counts as this call's success.
        token = str(uuid4())
        for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=named, ClientRequestToken=token)
                return
            except ClientError as error:
                reasons = [r.get("Code") for r in error.response.get("CancellationReasons", [])]
                if "ConditionalCheckFailed" in reasons:
                    raise ConditionFailed(reasons.index("ConditionalCheckFailed")) from None
                conflict = error.response["Error"]["Code"] == "TransactionInProgressException" or (
                    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"} & set(reasons)
                )
                if not conflict or attempt == _CONFLICT_ATTEMPTS:
                    raise
                self._back_off(attempt)

    def insert_absent(self, items: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Put each item whose key is free; True where this call wrote it, False where the key was taken.

        PartiQL ``INSERT`` refuses a taken key, so 25 conditional puts go in one BatchExecuteStatement. A retried call
        may answer False for what its lost first attempt wrote: compare the stored item where that matters.
        """
        written: list[bool] = [False] * len(items)
        waiting = list(range(len(items)))
        attempt = 0
        while waiting:
            part, waiting = waiting[:_INSERT_LIMIT], waiting[_INSERT_LIMIT:]
            answer = self._client.batch_execute_statement(Statements=[self._insert(items[i]) for i in part])
            again = []
            for i, response in zip(part, answer["Responses"], strict=True):
                code = response.get("Error", {}).get("Code")
                if code is None:
                    written[i] = True
                elif code != "DuplicateItem":
                    again.append(i)
            if again:
                attempt += 1
                if attempt == _CONFLICT_ATTEMPTS:
                    raise RuntimeError(f"{len(again)} conditional puts refused {attempt} times, last: {code}")
                self._back_off(attempt)
            waiting = [*again, *waiting]
        return written

    def _insert(self, item: Mapping[str, Any]) -> dict[str, Any]:
        wire = to_wire(item)
        fields = ", ".join(f"'{name}': ?" for name in wire)
        return {"Statement": f'INSERT INTO "{self._name}" VALUE {{{fields}}}', "Parameters": list(wire.values())}

    def _back_off(self, attempt: int) -> None:
        self._sleep(random.uniform(0, min(0.05 * 2**attempt, 2.0)))  # noqa: S311 - jitter, not a secret


def put(
    item: Mapping[str, Any],
    *,
    if_absent: bool = False,
    condition: str = "",
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A transaction's Put action, conditional where ``if_absent`` or ``condition`` says so."""
    action: dict[str, Any] = {"Item": to_wire(item)}
    if if_absent or condition:
        action["ConditionExpression"] = condition or "attribute_not_exists(pk)"
    if values:
        action["ExpressionAttributeValues"] = to_wire(values)
    return {"Put": action}


def delete(key: Key, condition: str = "", values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A transaction's Delete action, conditional where ``condition`` is given."""
    action: dict[str, Any] = {"Key": to_wire(key)}
    if condition:
        action["ConditionExpression"] = condition
    if values:
        action["ExpressionAttributeValues"] = to_wire(values)
    return {"Delete": action}


def update(
    key: Key,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - DynamoDB's own word
    add: Mapping[str, Any] | None = None,
    remove: Sequence[str] = (),
    condition: str = "",
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A transaction's Update action. Attribute names in ``set``, ``add`` and ``remove`` may be any text.

    ``condition`` speaks of attributes by name or by an alias of ``names`` and of ``values`` by its own placeholders.
    """
    expression, all_names, all_values = [], dict(names or {}), dict(values or {})
    for word, pairs, join in (("SET", set or {}, " = "), ("ADD", add or {}, " ")):
        parts = []
        for n, (name, value) in enumerate(pairs.items()):
            all_names[f"#{word}{n}"], all_values[f":{word}{n}"] = name, value
            parts.append(f"#{word}{n}{join}:{word}{n}")
        if parts:
            expression.append(f"{word} {', '.join(parts)}")
    if remove:
        all_names |= {f"#REMOVE{n}": name for n, name in enumerate(remove)}
        expression.append("REMOVE " + ", ".join(f"#REMOVE{n}" for n in range(len(remove))))
    action: dict[str, Any] = {"Key": to_wire(key), "UpdateExpression": " ".join(expression)}
    if condition:
        action["ConditionExpression"] = condition
    if all_names:
        action["ExpressionAttributeNames"] = all_names
    if all_values:
        action["ExpressionAttributeValues"] = to_wire(all_values)
    return {"Update": action}


def check(
    key: Key, condition: str, values: Mapping[str, Any] | None = None, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A transaction's ConditionCheck action."""
    action: dict[str, Any] = {"Key": to_wire(key), "ConditionExpression": condition}
    if names:
        action["ExpressionAttributeNames"] = dict(names)
    if values:
        action["ExpressionAttributeValues"] = to_wire(values)
    return {"ConditionCheck": action}
