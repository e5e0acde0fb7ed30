"""The one table in memory: same answers as ``clarion.storage.table.Table`` (test_table_conformance.py), thousands of
times faster than moto, so that properties can be tried on many examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clarion.storage.table import ConditionFailed, Item, Key, Table, from_wire, put, update
from tests.fakes.expressions import ExpressionRefused, Placeholders, change, condition

_ACTIONS = 100  # actions a transaction takes
_KEYS = ("pk", "sk")


class TableInMemory(Table):
    """Drop-in for ``Table``. ``page`` is the number of items a Query answers at most (AWS: 1 MB).

    ``items`` maps (pk, sk) to the item; ``transactions`` counts the actions of each committed transaction.
    """

    def __init__(self, page: int = 1_000_000) -> None:
        super().__init__(client=None, name="memory")
        self.items: dict[tuple[str, str], Item] = {}
        self.transactions: list[int] = []
        self._page = page

    def get(self, key: Key) -> Item | None:
        found = self.items.get(_key(key))
        return _copy(found) if found is not None else None

    def batch_get(self, keys: Iterable[Key]) -> Iterator[Item]:
        asked = [_key(key) for key in keys]
        if len(set(asked)) != len(asked):
            raise ExpressionRefused("a BatchGetItem may not name a key twice")
        yield from (_copy(self.items[each]) for each in asked if each in self.items)

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        after: Key | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> tuple[list[Item], Key | None]:
        found = sorted((i for i in self.items if i[0] == pk and i[1].startswith(prefix)), reverse=newest_first)
        if after:
            last = _key(after)
            found = [i for i in found if (i < last if newest_first else i > last)]
        size = min(limit or self._page, self._page)
        page = found[:size]
        # As DynamoDB does, a page that was filled ends with a key even where nothing follows it.
        more = {"pk": page[-1][0], "sk": page[-1][1]} if page and len(page) == size else None
        return [_copy(self.items[i]) for i in page], more

    def query_between(self, pk: str, first: str, last: str) -> Iterator[Item]:
        if first > last:
            raise ExpressionRefused("BETWEEN needs an upper bound that is not below the lower one")
        yield from (_copy(self.items[i]) for i in sorted(i for i in self.items if (pk, first) <= i <= (pk, last)))

    def query_due(self, due_pk: str, until: str, limit: int | None = None) -> list[Item]:
        due = [item for item in self.items.values() if item.get("due_pk") == due_pk and "due_sk" in item]
        due = sorted((item for item in due if item["due_sk"] <= until + "~"), key=lambda item: item["due_sk"])
        return [{name: item[name] for name in (*_KEYS, "due_pk", "due_sk")} for item in due[:limit]]

    def put(self, item: Mapping[str, Any], *, if_absent: bool = False) -> None:
        self._run([put(item, if_absent=if_absent)])

    def update(self, key: Key, **expression: Any) -> None:
        self._run([update(key, **expression)])

    def delete(self, key: Key) -> None:
        self.items.pop(_key(key), None)

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        if not 0 < len(actions) <= _ACTIONS:
            raise ExpressionRefused(f"a transaction takes 1 to {_ACTIONS} actions, not {len(actions)}")
        self._run(actions)
        self.transactions.append(len(actions))

    def insert_absent(self, items: Sequence[Mapping[str, Any]]) -> list[bool]:
        written = []
        for item in items:
            written.append(_id(item) not in self.items)
            if written[-1]:
                self.put(item)
        return written

    def _run(self, actions: Sequence[dict[str, Any]]) -> None:
        changed: dict[tuple[str, str], Item | None] = {}
        failed: int | None = None
        for index, action in enumerate(actions):
            ((kind, body),) = action.items()
            key = _key(from_wire(body["Key"])) if "Key" in body else _id(from_wire(body["Item"]))
            if key in changed:
                raise ExpressionRefused("a transaction may not name an item twice")
            holds, changed[key] = self._outcome(kind, body, key)
            if not holds and failed is None:
                failed = index
        if failed is not None:
            raise ConditionFailed(failed)
        for key, item in changed.items():
            if item is None:
                self.items.pop(key, None)
            else:
                self.items[key] = item

    def _outcome(self, kind: str, body: dict[str, Any], key: tuple[str, str]) -> tuple[bool, Item | None]:
        """Whether the condition holds, and the item afterwards (None: gone)."""
        old = self.items.get(key)
        values = from_wire(body.get("ExpressionAttributeValues", {}))
        placeholders = Placeholders(body.get("ExpressionAttributeNames", {}), values)
        holds = condition(body.get("ConditionExpression", ""), placeholders)(old or {})
        new = old
        if kind == "Put":
            new = from_wire(body["Item"])
        elif kind == "Update":
            changed = change(body["UpdateExpression"], placeholders)
            new = changed(old or {"pk": key[0], "sk": key[1]}) if holds else old
        elif kind == "Delete":
            new = None
        elif kind != "ConditionCheck":
            raise ExpressionRefused(f"no such action: {kind}")
        placeholders.finish()
        return holds, new


def _id(key: Mapping[str, Any]) -> tuple[str, str]:
    pk, sk = key["pk"], key["sk"]
    if not (isinstance(pk, str) and isinstance(sk, str) and pk and sk):
        raise ExpressionRefused("pk and sk must be strings that are not empty")
    return pk, sk


def _key(key: Mapping[str, Any]) -> tuple[str, str]:
    if set(key) != set(_KEYS):
        raise ExpressionRefused("the provided key element does not match the schema")
    return _id(key)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return set(value) if isinstance(value, set) else value
