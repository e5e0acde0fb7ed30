"""What the hot path asks of the single table: one attribute of an item, a put, a put with a first-come record."""

from collections.abc import Mapping
from os import urandom
from typing import Any, Protocol

from clarion.hot.dynamodb import DynamoError
from clarion.keys import Key

Item = Mapping[str, str | int]


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

    def put_with_first(self, item: Item, first: Item) -> bool:
        """Write both; where ``first`` exists already, it is kept and only ``item`` is written. True if it was new."""
        puts = [
            {"Put": {"TableName": self._name, "Item": _to_wire(item)}},
            {
                "Put": {
                    "TableName": self._name,
                    "Item": _to_wire(first),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            },
        ]
        try:
            self._database.call("TransactWriteItems", {"TransactItems": puts, "ClientRequestToken": urandom(16).hex()})
        except DynamoError as error:
            if "ConditionalCheckFailed" not in error.reasons:
                raise
            self.put(item)
            return False
        return True

    def _attribute(self, key: Key, attribute: str) -> dict[str, Any]:
        answer = self._database.call(
            "GetItem",
            {
                "TableName": self._name,
                "Key": _to_wire(key),
                "ConsistentRead": True,
                "ProjectionExpression": "#a",
                "ExpressionAttributeNames": {"#a": attribute},
            },
        )
        value: dict[str, Any] = answer.get("Item", {}).get(attribute, {})
        return value


def _to_wire(item: Item) -> dict[str, dict[str, str]]:
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in item.items()}
