"""What the hot path asks of the single table: one attribute of an item, a put, a put with a suppression."""

from collections.abc import Container, Mapping
from os import urandom
from typing import Any, Protocol

from clarion.hot.dynamodb import DynamoError
from clarion.keys import Key

Item = Mapping[str, str | int]
_Wire = dict[str, dict[str, Any]]
_ROUNDS = 3  # looks at a suppression that somebody else is changing


class Database(Protocol):
    """Speaks DynamoDB's own JSON (``dynamodb.DynamoDB``)."""

    def call(self, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]: ...


class HotTable:
    """Every method raises ``DynamoError`` when DynamoDB refuses or cannot be reached."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name

    def text(self, key: Key, attribute: str) -> str | None:
        """A text attribute, read consistently; ``None`` where item or attribute is missing."""
        value = self._attribute(key, attribute).get("S")
        return value if isinstance(value, str) else None

    def texts(self, key: Key, attribute: str) -> list[str] | None:
        """An attribute that is a list of texts, read consistently; ``None`` where item or attribute is missing."""
        value = self._attribute(key, attribute).get("L")
        return None if value is None else [each.get("S", "") for each in value]

    def put(self, item: Item) -> None:
        """Write an item whose key is its own: a repeated attempt writes the same again."""
        self._database.call("PutItem", {"TableName": self._name, "Item": _to_wire(item)})

    def put_with_suppression(self, item: Item, suppression: Item, staying: Container[str]) -> bool:
        """Write both; False, and ``item`` alone, where the address is suppressed already for a reason that stays. One
        for another reason gives way, and is kept as ``before``."""
        there: _Wire = {}
        for rounds_left in reversed(range(_ROUNDS)):
            puts = [{"TableName": self._name, "Item": _to_wire(item)}, self._suppress(suppression, there)]
            actions = {"TransactItems": [{"Put": put} for put in puts], "ClientRequestToken": urandom(16).hex()}
            try:
                self._database.call("TransactWriteItems", actions)
                break
            except DynamoError as error:
                if "ConditionalCheckFailed" not in error.reasons or not rounds_left:
                    raise
            there = self._read({"pk": str(suppression["pk"]), "sk": str(suppression["sk"])})
            if there and there["reason"]["S"] in staying:
                self.put(item)
                return False
        return True

    def _suppress(self, suppression: Item, there: _Wire) -> dict[str, Any]:
        """A Put of the suppression, on condition that ``there`` is what the table has at its key."""
        put: dict[str, Any] = {"TableName": self._name, "Item": _to_wire(suppression)}
        if not there:
            return put | {"ConditionExpression": "attribute_not_exists(pk)"}
        put["Item"]["before"] = {"M": {name: value for name, value in there.items() if name not in ("pk", "sk")}}
        seen = {":reason": there["reason"], ":at": there["created_at"]}
        return put | {
            "ConditionExpression": "reason = :reason AND created_at = :at",
            "ExpressionAttributeValues": seen,
        }

    def _attribute(self, key: Key, attribute: str) -> dict[str, Any]:
        only = {"ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": attribute}}
        return self._read(key, only).get(attribute, {})

    def _read(self, key: Key, only: Mapping[str, Any] | None = None) -> _Wire:
        """An item in DynamoDB's JSON, read consistently; empty where there is none."""
        asked = {"TableName": self._name, "Key": _to_wire(key), "ConsistentRead": True}
        found: _Wire = self._database.call("GetItem", {**asked, **(only or {})}).get("Item", {})
        return found


def _to_wire(item: Item) -> dict[str, dict[str, str]]:
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in item.items()}
