"""The table in memory answers as the table on moto does: each test runs on both."""

from decimal import Decimal
from typing import Any

import pytest

from clarion.storage.table import ConditionFailed, Table, check, delete, put, update
from tests.fakes.expressions import ExpressionRefused
from tests.fakes.moto_partiql import run_inserts
from tests.fakes.table import TableInMemory

KEY = {"pk": "p", "sk": "a"}


@pytest.fixture(params=["moto", "memory"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Table:
    if request.param == "memory":
        return TableInMemory()
    run_inserts(monkeypatch)
    table: Table = request.getfixturevalue("table")
    return table


def test_every_type_comes_back_as_it_was_stored(store: Table) -> None:
    item: dict[str, Any] = {
        **KEY,
        "text": "ü\U0001f600",
        "number": Decimal("-12345678901234567890.5"),
        "yes": True,
        "bytes": b"\x00\xff",
        "names": {"a", "b"},
        "digests": {b"1", b"2"},
        "list": [1, "x", {"deep": [True]}],
        "map": {"1": Decimal(2)},
        "nothing": None,
    }
    store.put(item)
    found = store.get(KEY)
    assert found is not None
    assert found == {**{k: v for k, v in item.items() if v is not None}, "list": [Decimal(1), "x", {"deep": [True]}]}


def test_what_was_read_does_not_change_what_is_stored(store: Table) -> None:
    store.put({**KEY, "list": [1]})
    read = store.get(KEY)
    assert read is not None
    read["list"].append(2)
    assert store.get(KEY) == {**KEY, "list": [1]}


def test_a_float_is_refused(store: Table) -> None:
    with pytest.raises(TypeError):
        store.put({**KEY, "number": 1.5})


def test_a_missing_item_is_none_and_deleting_it_is_no_error(store: Table) -> None:
    assert store.get(KEY) is None
    store.delete(KEY)


def test_a_key_is_pk_and_sk_and_nothing_else(store: Table) -> None:
    for call in (store.get, store.delete):
        with pytest.raises(Exception):  # noqa: B017, PT011 - botocore's error there, the fake's own here
            call({**KEY, "more": "x"})


def test_put_if_absent_keeps_the_first(store: Table) -> None:
    store.put({**KEY, "n": 1}, if_absent=True)
    with pytest.raises(ConditionFailed):
        store.put({**KEY, "n": 2}, if_absent=True)
    assert store.get(KEY) == {**KEY, "n": 1}


def test_an_update_makes_the_item_and_adds_to_numbers_and_sets(store: Table) -> None:
    store.update(KEY, set={"email.1.a": "x"}, add={"n": 2, "money.USD": Decimal("0.10"), "seen": {b"1"}, "tags": {"t"}})
    store.update(KEY, set={"b": "y"}, add={"n": -3, "money.USD": Decimal("0.20"), "seen": {b"2"}}, remove=["email.1.a"])
    assert store.get(KEY) == {
        **KEY, "b": "y", "n": -1, "money.USD": Decimal("0.30"), "seen": {b"1", b"2"}, "tags": {"t"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("attribute_exists(pk)", {}, True),
        ("attribute_not_exists(pk)", {}, False),
        ("attribute_exists(gone)", {}, False),
        ("version = :v", {":v": 3}, True),
        ("version = :v", {":v": 4}, False),
        ("version <> :v", {":v": 4}, True),
        ("gone = :v", {":v": 4}, False),
        ("version < :v", {":v": 4}, True),
        ("version <= :v", {":v": 3}, True),
        ("version > :v", {":v": 3}, False),
        ("version >= :v", {":v": 3}, True),
        ("gone < :v", {":v": 4}, False),
        ("lease < :v AND version = :w", {":v": "2026-02", ":w": 3}, True),
        ("lease < :v AND version = :w", {":v": "2026-01", ":w": 3}, False),
        ("attribute_not_exists(gone) OR gone = :v", {":v": 1}, True),
        ("attribute_exists(gone) OR version = :v AND lease = :w", {":v": 3, ":w": "2026-01"}, True),
        ("(attribute_exists(pk) OR version = :v) AND lease = :w", {":v": 3, ":w": "x"}, False),
        ("NOT version = :v", {":v": 3}, False),
        ("version IN (:v, :w)", {":v": 1, ":w": 3}, True),
        ("version BETWEEN :v AND :w", {":v": 1, ":w": 3}, True),
        ("version BETWEEN :v AND :w", {":v": 4, ":w": 6}, False),
        ("begins_with(lease, :v)", {":v": "2026"}, True),
        ("contains(tags, :v)", {":v": "x"}, True),
        ("contains(tags, :v)", {":v": "y"}, False),
    ],
)
def test_conditions_hold_alike(store: Table, condition: str, values: dict[str, Any], holds: bool) -> None:
    store.put({**KEY, "version": 3, "lease": "2026-01", "tags": {"x"}})
    change: dict[str, Any] = {"set": {"done": True}, "condition": condition, "values": values}
    if holds:
        store.update(KEY, **change)
    else:
        with pytest.raises(ConditionFailed):
            store.update(KEY, **change)
    found = store.get(KEY)
    assert found is not None
    assert ("done" in found) is holds


def test_a_condition_may_alias_a_name(store: Table) -> None:
    store.put({**KEY, "state": "claimed"})
    store.update(
        KEY, set={"n": 1}, condition="#state = :claimed", names={"#state": "state"}, values={":claimed": "claimed"}
    )
    with pytest.raises(ConditionFailed):
        store.update(KEY, set={"n": 2}, condition="#state = :done", names={"#state": "state"}, values={":done": "done"})
    assert store.get(KEY) == {**KEY, "state": "claimed", "n": 1}


@pytest.mark.parametrize(
    "mistake",
    [
        {"set": {"n": 1}, "condition": "state = :s", "values": {":s": "x"}},  # a reserved word
        {"set": {"n": 1}, "values": {":s": "x"}},  # a value nobody uses
        {"set": {"n": 1}, "names": {"#s": "x"}},  # a name nobody uses
        {"set": {"n": 1}, "condition": "version = :missing"},
        {"set": {"n": None}},
        {"set": {"n": 1}, "add": {"n": 1}},
        {"set": {"sk": "b"}},
        {"set": {"n": 1}, "condition": "version ="},
    ],
)
def test_a_mistake_in_an_expression_is_refused(store: Table, mistake: dict[str, Any]) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - botocore's error there, the fake's own here
        store.update(KEY, **mistake)
    assert not isinstance(raised.value, ConditionFailed)
    assert store.get(KEY) is None


def test_a_transaction_is_all_or_nothing_and_names_the_failed_action(store: Table) -> None:
    store.put({**KEY, "n": 1})
    with pytest.raises(ConditionFailed) as raised:
        store.transact([put({"pk": "p", "sk": "b"}), update(KEY, add={"n": 5}), put(dict(KEY, sk="c")),
                        check({"pk": "q", "sk": "q"}, "attribute_exists(pk)")])  # fmt: skip
    assert raised.value.index == 3
    assert [item["sk"] for item in store.query_all("p")] == ["a"]
    assert store.get(KEY) == {**KEY, "n": 1}


def test_a_transaction_puts_updates_deletes_and_checks(store: Table) -> None:
    store.put({**KEY, "n": 1})
    store.put({"pk": "p", "sk": "old", "version": 2})
    store.transact(
        [
            update(KEY, add={"n": 5}),
            put({"pk": "p", "sk": "new"}, if_absent=True),
            delete({"pk": "p", "sk": "old"}, "version = :v", {":v": 2}),
            check({"pk": "q", "sk": "q"}, "attribute_not_exists(pk)"),
        ]
    )
    assert list(store.query_all("p")) == [{**KEY, "n": 6}, {"pk": "p", "sk": "new"}]


def test_a_transaction_may_not_name_an_item_twice(store: Table) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - botocore's error there, the fake's own here
        store.transact([update(KEY, add={"n": 1}), update(KEY, add={"n": 1})])
    assert not isinstance(raised.value, ConditionFailed)
    assert store.get(KEY) is None


def test_insert_absent_tells_which_were_new(store: Table) -> None:
    store.put({"pk": "p", "sk": "03", "n": 0})
    items = [{"pk": "p", "sk": f"{n:02d}", "n": 1} for n in range(30)]
    assert store.insert_absent(items) == [n != 3 for n in range(30)]
    assert sum(int(item["n"]) for item in store.query_all("p")) == 29


def test_batch_get_answers_what_exists(store: Table) -> None:
    for n in range(120):
        store.put({"pk": "p", "sk": f"{n:03d}"})
    keys = [{"pk": "p", "sk": f"{n:03d}"} for n in range(130)]
    assert sorted(item["sk"] for item in store.batch_get(keys)) == [f"{n:03d}" for n in range(120)]


def test_a_query_pages_by_prefix_in_both_directions(store: Table) -> None:
    for sk in ("A#1", "A#2", "A#3", "B#1"):
        store.put({"pk": "p", "sk": sk})
    store.put({"pk": "other", "sk": "A#1"})
    first, after = store.query("p", "A#", limit=2)
    rest, end = store.query("p", "A#", after=after, limit=2)
    assert [item["sk"] for item in first + rest] == ["A#1", "A#2", "A#3"]
    assert end is None
    newest, after = store.query("p", "A#", limit=2, newest_first=True)
    rest, _ = store.query("p", "A#", after=after, newest_first=True)
    assert [item["sk"] for item in newest + rest] == ["A#3", "A#2", "A#1"]
    assert [item["sk"] for item in store.query_all("p")] == ["A#1", "A#2", "A#3", "B#1"]


def test_a_range_holds_both_its_ends_and_nothing_else(store: Table) -> None:
    for sk in ("A#1", "A#2", "A#2#x", "A#3", "A#4", "B#1"):
        store.put({"pk": "p", "sk": sk})
    store.put({"pk": "other", "sk": "A#2"})
    assert [item["sk"] for item in store.query_between("p", "A#2", "A#3")] == ["A#2", "A#2#x", "A#3"]
    assert [item["sk"] for item in store.query_between("p", "A#2", "A#~")] == ["A#2", "A#2#x", "A#3", "A#4"]
    assert list(store.query_between("p", "C", "D")) == []


def test_a_range_is_read_page_after_page(store: Table) -> None:
    for n in range(4):
        store.put({"pk": "p", "sk": f"{n}", "text": "x" * 390_000})  # a page holds 1 MB
    assert [item["sk"] for item in store.query_between("p", "1", "9")] == ["1", "2", "3"]


def test_a_range_the_wrong_way_round_is_refused_in_memory() -> None:
    """As DynamoDB does; moto answers nothing."""
    with pytest.raises(ExpressionRefused, match="BETWEEN"):
        list(TableInMemory().query_between("p", "b", "a"))


def test_due_work_is_listed_up_to_and_including_the_moment(store: Table) -> None:
    for n, due in enumerate(("2026-11-21T09:00:00.000Z", "2026-11-21T08:00:00.000Z", "2026-11-21T10:00:00.000Z")):
        store.put({"pk": "p", "sk": f"{n}", "due_pk": "DUE#1", "due_sk": f"{due}#acme#{n}", "n": n})
    store.put({"pk": "p", "sk": "x", "due_pk": "DUE#2", "due_sk": "2026"})
    due_now = store.query_due("DUE#1", "2026-11-21T09:00:00.000Z")
    assert [item["sk"] for item in due_now] == ["1", "0"]
    assert [item["sk"] for item in store.query_due("DUE#1", "2026-11-21T09:00:00.000Z", limit=1)] == ["1"]
    assert "n" not in due_now[0]
