"""Laws of the filter language, for any filter and any document."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from clarion.domain.filters import FilterRejected, compile_filter

FIELDS = ["a", "b", "a.b", "a.0", "b.0.a", "a.a.b"]
ALIASES = ["number", "string", "object", "array", "bool", "null", "date", "int", "double"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["a", "b", "$date", "2026-01-01"]),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
)
WRAPPED = st.sampled_from(
    [
        {"$date": "2026-01-01T00:00:00Z"},
        {"$date": "2026-01-01"},
        {"$regularExpression": {"pattern": "a", "options": "i"}},
    ]
)
KEYS = st.sampled_from(["a", "b", "0", "1"])
VALUES = st.recursive(
    SCALARS | WRAPPED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=3)
LITERALS = VALUES.filter(lambda value: not (isinstance(value, dict) and "$regularExpression" in value))
OPERATORS = st.one_of(
    st.builds(
        lambda name, value: {name: value}, st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]), LITERALS
    ),
    st.builds(lambda name, values: {name: values}, st.sampled_from(["$in", "$nin", "$all"]), st.lists(VALUES)),
    st.builds(lambda value: {"$exists": value}, st.booleans()),
    st.builds(lambda value: {"$size": value}, st.integers(0, 3)),
    st.builds(lambda value: {"$type": value}, st.sampled_from(ALIASES)),
    st.builds(lambda divisor, rest: {"$mod": [divisor, rest]}, st.integers(1, 4), st.floats(-4, 4)),
    st.builds(lambda value: {"$regex": value}, st.sampled_from(["a", "^b", "(a|b)*$"])),
)
CONDITIONS = st.recursive(
    OPERATORS,
    lambda inner: st.builds(lambda name, each: {name: each}, st.sampled_from(["$not", "$elemMatch"]), inner),
    max_leaves=3,
)
FILTERS = st.recursive(
    st.dictionaries(st.sampled_from(FIELDS), CONDITIONS | VALUES, max_size=2),
    lambda inner: st.builds(
        lambda name, each: {name: each},
        st.sampled_from(["$and", "$or", "$nor"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
# What a client could send: any JSON, with our operators for keys more often than chance would have it.
JSON_KEYS = st.sampled_from(["a", "a.b", "$gt", "$in", "$and", "$not", "$elemMatch", "$regex", "$options"]) | st.text()
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_KEYS, inner, max_size=3),
    max_leaves=12,
)


# A busy machine slows examples down; that says nothing about the language.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def given(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return lambda law: patiently(given_any(*strategies)(law))


def holds(where: dict[str, Any], document: dict[str, Any]) -> bool:
    return compile_filter(where)(document)


@given(FILTERS, DOCUMENTS)
def test_a_compiled_filter_answers_yes_or_no_for_any_document(where: Any, document: Any) -> None:
    assert holds(where, document) in (True, False)


@given(JSON_VALUES, st.dictionaries(JSON_KEYS, JSON_VALUES, max_size=3))
def test_any_json_is_either_refused_or_answers(where: Any, document: Any) -> None:
    predicate = None
    with suppress(FilterRejected):
        predicate = compile_filter(where)
    assert predicate is None or predicate(document) in (True, False)


@given(st.lists(FILTERS, min_size=1, max_size=3), DOCUMENTS)
def test_logical_operators_follow_their_parts(parts: Any, document: Any) -> None:
    answers = [holds(part, document) for part in parts]
    assert holds({"$and": parts}, document) is all(answers)
    assert holds({"$or": parts}, document) is any(answers)
    assert holds({"$nor": parts}, document) is not any(answers)


@given(st.sampled_from(FIELDS), CONDITIONS, DOCUMENTS)
def test_not_is_the_opposite(field: str, condition: Any, document: Any) -> None:
    assert holds({field: {"$not": condition}}, document) is not holds({field: condition}, document)


@given(st.sampled_from(FIELDS), LITERALS, DOCUMENTS)
def test_ne_is_the_opposite_of_eq_and_eq_of_a_bare_value_is_the_same(field: str, literal: Any, document: Any) -> None:
    equal = holds({field: {"$eq": literal}}, document)
    assert holds({field: literal}, document) is equal
    assert holds({field: {"$ne": literal}}, document) is not equal


@given(st.sampled_from(FIELDS), st.lists(VALUES, max_size=4), DOCUMENTS)
def test_in_and_all_are_or_and_and_of_equalities(field: str, values: Any, document: Any) -> None:
    answers = [holds({field: value}, document) for value in values]
    assert holds({field: {"$in": values}}, document) is any(answers)
    assert holds({field: {"$nin": values}}, document) is not any(answers)
    assert holds({field: {"$all": values}}, document) is (bool(values) and all(answers))


@given(LITERALS, LITERALS)
def test_orderings_agree_with_each_other_and_with_equality(left: Any, right: Any) -> None:
    if isinstance(left, list):
        return  # an array also stands for its elements, which may each stand in another relation
    document = {"v": left}
    less, at_most, more, at_least, equal = (
        holds({"v": {name: right}}, document) for name in ("$lt", "$lte", "$gt", "$gte", "$eq")
    )
    assert at_most is (less or equal)
    assert at_least is (more or equal)
    assert not (less and more)
    assert holds({"v": {"$gt": left}}, {"v": right}) is less or isinstance(right, list)


@given(st.sampled_from(FIELDS), CONDITIONS, CONDITIONS, DOCUMENTS)
def test_operators_side_by_side_all_hold(field: str, first: Any, second: Any, document: Any) -> None:
    if first.keys() & second.keys():
        return
    together = holds({field: {**first, **second}}, document)
    assert together is (holds({field: first}, document) and holds({field: second}, document))


@given(DOCUMENTS)
def test_a_document_equals_itself_field_by_field(document: Any) -> None:
    for name, value in document.items():
        assert holds({name: {"$eq": value}}, document)
        assert holds({name: {"$exists": True}}, document)


@given(st.integers(-(2**40), 2**40), st.sampled_from([None, UTC]))
def test_a_datetime_and_its_extended_json_are_one_value(milliseconds: int, zone: Any) -> None:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=zone)
    written = json.loads(json.dumps({"$date": moment.isoformat()}))
    assert holds({"v": written}, {"v": moment})
    assert holds({"v": moment}, {"v": written})
