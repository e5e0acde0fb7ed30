"""Filters the language refuses, each with the path to the fault."""

from typing import Any

import pytest

from clarion.domain.errors import Invalid
from clarion.domain.filters import FilterRejected, compile_filter
from clarion.domain.filters.place import MAX_DEPTH, MAX_NODES, MAX_PATH_PARTS, MAX_REGEX_LENGTH, MAX_REGEXES

REGEX = {"$regularExpression": {"pattern": "a", "options": ""}}
CASELESS = {"$regularExpression": {"pattern": "a", "options": "i"}}


def nested(levels: int) -> dict[str, Any]:
    where: dict[str, Any] = {"a": 1}
    for _ in range(levels):
        where = {"$and": [where]}
    return where


@pytest.mark.parametrize(
    ("where", "field"),
    [
        (None, "where"),
        ([], "where"),
        ({"age": {"$foo": 1}}, "where.age.$foo"),
        ({"$foo": 1}, "where.$foo"),
        ({1: 1}, "where"),
        ({"a.b": {"$foo": 1}}, "where.a.b.$foo"),
        ({"age.$gt": 1}, "where.age.$gt"),
        ({"a": {"$gt": 1, "b": 2}}, "where.a.b"),
        ({"a": {"b": 1, "$gt": 2}}, "where.a.b"),
        ({"a": {"$options": "i"}}, "where.a.$options"),
        ({"a": {"$options": 1, "$regex": "a"}}, "where.a.$options"),
        ({"a": {"$regex": 1}}, "where.a.$regex"),
        ({"a": {"$regex": "("}}, "where.a.$regex"),
        ({"a": {"$regex": "a", "$options": "q"}}, "where.a.$regex"),
        ({"a": {"$regex": CASELESS, "$options": "m"}}, "where.a.$regex"),
        ({"a": {"$regularExpression": {"pattern": "a", "options": "q"}}}, "where.a"),
        ({"a": {"$regularExpression": {"pattern": 1}}}, "where.a"),
        ({"a": {"$regularExpression": "a"}}, "where.a"),
        ({"a": {"$date": "yesterday"}}, "where.a"),
        ({"a": {"$date": 12}}, "where.a"),
        ({"a": {"$gt": {"$date": "2026-13-01"}}}, "where.a.$gt"),
        ({"a": [{"b": {"$date": ""}}]}, "where.a.0.b"),
        ({"a": {"$gt": REGEX}}, "where.a.$gt"),
        ({"a": {"$ne": REGEX}}, "where.a.$ne"),
        ({"a": {"$eq": {"$gt": 1}}}, "where.a.$eq.$gt"),
        ({"a": {"$ne": {"$gt": 1}}}, "where.a.$ne.$gt"),
        ({"a": {"$lt": {"$foo": 1}}}, "where.a.$lt.$foo"),
        ({"a": {"$in": 1}}, "where.a.$in"),
        ({"a": {"$in": [1, {"$gt": 1}]}}, "where.a.$in.1.$gt"),
        ({"a": {"$nin": {"a": 1}}}, "where.a.$nin"),
        ({"a": {"$nin": [{"$regex": "a"}]}}, "where.a.$nin.0.$regex"),
        ({"a": {"$all": 1}}, "where.a.$all"),
        ({"a": {"$all": [{"$gt": 1}]}}, "where.a.$all.0.$gt"),
        ({"a": {"$all": [{"$elemMatch": {"b": 1}}, 1]}}, "where.a.$all"),
        ({"a": {"$all": [{"$elemMatch": {"b": 1}, "c": 1}]}}, "where.a.$all.0"),
        ({"a": {"$all": [{"$elemMatch": 1}]}}, "where.a.$all.0.$elemMatch"),
        ({"a": {"$elemMatch": [1]}}, "where.a.$elemMatch"),
        ({"a": {"$elemMatch": REGEX}}, "where.a.$elemMatch.$regularExpression"),
        ({"a": {"$elemMatch": {"$gt": 1, "b": 2}}}, "where.a.$elemMatch.b"),
        ({"a": {"$elemMatch": {"b": 1, "$gt": 2}}}, "where.a.$elemMatch.$gt"),
        ({"a": {"$elemMatch": {"$gt": 1, "$or": [{"b": 1}]}}}, "where.a.$elemMatch.$or"),
        ({"a": {"$elemMatch": {"$where": "1"}}}, "where.a.$elemMatch.$where"),
        ({"a": {"$not": {}}}, "where.a.$not"),
        ({"a": {"$not": None}}, "where.a.$not"),
        ({"a": {"$not": {"$foo": 1}}}, "where.a.$not.$foo"),
        ({"a": {"$and": [{"$gt": 1}]}}, "where.a.$and"),
        ({"$and": {"a": 1}}, "where.$and"),
        ({"$or": [1]}, "where.$or.0"),
        ({"$or": [{"a": 1}, {"a": {"$foo": 1}}]}, "where.$or.1.a.$foo"),
        ({"$not": {"a": 1}}, "where.$not"),
        ({"a": {"$exists": {"$foo": 1}}}, "where.a.$exists.$foo"),
        ({"a": {"$size": -1}}, "where.a.$size"),
        ({"a": {"$size": 1.5}}, "where.a.$size"),
        ({"a": {"$size": "1"}}, "where.a.$size"),
        ({"a": {"$size": True}}, "where.a.$size"),
        ({"a": {"$size": {"$gt": 1}}}, "where.a.$size"),
        ({"a": {"$mod": 2}}, "where.a.$mod"),
        ({"a": {"$mod": []}}, "where.a.$mod"),
        ({"a": {"$mod": [2]}}, "where.a.$mod"),
        ({"a": {"$mod": [2, 0, 1]}}, "where.a.$mod"),
        ({"a": {"$mod": ["2", 0]}}, "where.a.$mod"),
        ({"a": {"$mod": [2, True]}}, "where.a.$mod"),
        ({"a": {"$mod": [float("nan"), 0]}}, "where.a.$mod"),
        ({"a": {"$mod": [0, 0]}}, "where.a.$mod"),
        ({"a": {"$mod": [0.9, 0]}}, "where.a.$mod"),
        ({"a": {"$type": []}}, "where.a.$type"),
        ({"a": {"$type": ["string", "text"]}}, "where.a.$type.1"),
        ({"a": {"$type": 20}}, "where.a.$type"),
        ({"a": {"$type": 1.5}}, "where.a.$type"),
        ({"a": {"$type": None}}, "where.a.$type"),
        ({"a": {"$type": True}}, "where.a.$type"),
        ({"a": {"$near": [0, 0]}}, "where.a.$near"),
        ({"a": {"$geoWithin": {}}}, "where.a.$geoWithin"),
        ({"a": {"$expr": {}}}, "where.a.$expr"),
        ({"$expr": {"$gt": ["$a", 1]}}, "where.$expr"),
        ({"$function": {}}, "where.$function"),
        ({"$text": {"$search": "a"}}, "where.$text"),
        ({"$jsonSchema": {}}, "where.$jsonSchema"),
        ({"a": {1, 2}}, "where.a"),
        ({"a": b"bytes"}, "where.a"),
        ({"a": {"b": {3: 1}}}, "where.a.b"),
    ],
    ids=repr,
)
def test_a_malformed_filter_is_refused_at_its_fault(where: Any, field: str) -> None:
    with pytest.raises(FilterRejected) as caught:
        compile_filter(where)
    [error] = caught.value.errors
    assert error["field"] == field
    assert error["message"]


def test_a_refusal_is_invalid_input() -> None:
    assert issubclass(FilterRejected, Invalid)


@pytest.mark.parametrize(
    "where",
    [
        nested(MAX_DEPTH),
        nested(100_000),
        {"a": {"$in": list(range(MAX_NODES))}},
        {"a": [[]] * MAX_NODES},
        {"a": {"$regex": "a" * (MAX_REGEX_LENGTH + 1)}},
        {"$or": [{"a": {"$regex": f"a{n}"}} for n in range(MAX_REGEXES + 1)]},
        {".".join(["0"] * (MAX_PATH_PARTS + 1)): 1},
    ],
    ids=["deep", "bottomless", "many values", "large literal", "long expression", "many expressions", "long path"],
)
def test_a_filter_beyond_the_limits_is_refused(where: Any) -> None:
    with pytest.raises(FilterRejected, match=r"more than|deeper than|at most"):
        compile_filter(where)


@pytest.mark.parametrize(
    "where",
    [
        nested(MAX_DEPTH // 2 - 1),
        {"a": {"$in": list(range(MAX_NODES - 2))}},
        {"a": {"$regex": "a" * MAX_REGEX_LENGTH}},
        {"$or": [{"a": {"$regex": f"a{n}"}} for n in range(MAX_REGEXES)]},
        {".".join(["0"] * MAX_PATH_PARTS): 1},
        {"a": {"b": {"$gt": 1}}},
        {"a": {"$type": ["minKey", -1, 127]}},
    ],
    ids=["deep", "many values", "long expression", "many expressions", "long path", "inner $", "types"],
)
def test_a_filter_at_the_limits_compiles_and_runs(where: Any) -> None:
    assert compile_filter(where)({"a": 1}) in (True, False)
