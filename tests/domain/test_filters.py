"""What the filter language selects, beyond the conformance cases."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from clarion.domain.filters import compile_filter

NAN = float("nan")
NOON = {"$date": "2026-03-01T12:00:00Z"}


def regex(pattern: str, options: str = "") -> dict[str, Any]:
    return {"$regularExpression": {"pattern": pattern, "options": options}}


def matches(where: dict[str, Any], document: dict[str, Any]) -> bool:
    return compile_filter(where)(document)


@pytest.mark.parametrize("operator", ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"])
@pytest.mark.parametrize("late", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999"])
@pytest.mark.parametrize("early", ["0001-01-01T00:00:00+14:00", "0001-01-01"])
def test_dates_at_the_ends_of_time_are_compared_like_any_other(operator: str, early: str, late: str) -> None:
    holds = operator in ("$ne", "$gt", "$gte")
    assert matches({"v": {operator: {"$date": early}}}, {"v": {"$date": late}}) is holds
    assert matches({"v": {operator: {"$date": early}}}, {"v": datetime(2026, 3, 1, tzinfo=UTC)}) is holds
    assert matches({"v": {operator: {"$date": early}}}, {"v": {"$date": early}}) is (
        operator in ("$eq", "$gte", "$lte")
    )


@pytest.mark.parametrize(
    ("literal", "value", "equal"),
    [
        (1, 1.0, True),
        (1.0, 1, True),
        (0.5, Decimal("0.5"), True),
        (10**30, 10**30, True),
        (2**53, 2.0**53, True),
        (2**53 + 1, 2.0**53, False),
        (True, 1, False),
        (1, True, False),
        (0, False, False),
        (NAN, NAN, True),
        (NAN, 1, False),
        (1, NAN, False),
        (None, False, False),
        ("", None, False),
        ({}, [], False),
        ({"a": 1, "b": 2}, {"a": 1.0, "b": 2}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ([1, True], [1, True], True),
        ([1, True], [True, 1], False),
        ([1, 2], (1, 2), True),
        (NOON, datetime(2026, 3, 1, 12, tzinfo=UTC), True),
        (NOON, datetime(2026, 3, 1, 12), True),  # noqa: DTZ001  # a naive time counts as UTC
        (NOON, {"$date": "2026-03-01T13:00:00.000999+01:00"}, True),
        (NOON, "2026-03-01T12:00:00Z", False),
        ({"at": NOON}, {"at": datetime(2026, 3, 1, 12, tzinfo=UTC)}, True),
    ],
)
def test_equality_is_that_of_bson_values(literal: Any, value: Any, equal: bool) -> None:
    document = {"v": value}
    assert matches({"v": literal}, document) is equal
    assert matches({"v": {"$eq": literal}}, document) is equal
    assert matches({"v": {"$in": ["other", literal]}}, document) is equal
    assert matches({"v": {"$all": [literal]}}, document) is equal
    assert matches({"v": {"$ne": literal}}, document) is not equal
    assert matches({"v": {"$nin": ["other", literal]}}, document) is not equal


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"$gt": 1}, "2", False),
        ({"$gt": 1}, True, False),
        ({"$gt": False}, True, True),
        ({"$lt": "b"}, "a", True),
        ({"$lt": "a"}, "B", True),
        ({"$gte": None}, None, True),
        ({"$gt": None}, None, False),
        ({"$lt": 5}, NAN, False),
        ({"$lte": NAN}, NAN, True),
        ({"$lt": NAN}, 1, False),
        ({"$lt": Decimal(5)}, Decimal("NaN"), False),
        ({"$gt": 2**60}, 2.0**60, False),
        ({"$gt": [1, 2]}, [1, 3], True),
        ({"$gt": [1, 2]}, [1], False),
        ({"$lt": [1, "a"]}, [1, 7], True),  # numbers sort before texts
        ({"$gt": {"a": 1}}, {"a": 2}, True),
        ({"$gt": {"a": 1}}, {"b": 1}, True),
        ({"$gt": {"a": 1}}, {"b": None}, False),
        ({"$gte": {"a": 1, "b": 1}}, {"a": 1}, False),
        ({"$gt": NOON}, datetime(2026, 3, 1, 12, 0, 0, 1000, tzinfo=UTC), True),
        ({"$gt": NOON}, 10**15, False),
        ({"$gt": 5, "$lt": 3}, [1, 9], True),  # each may hold for another element
    ],
)
def test_ordering_compares_values_of_one_type_only(condition: Any, value: Any, holds: bool) -> None:
    assert matches({"v": condition}, {"v": value}) is holds


@pytest.mark.parametrize(
    ("where", "document", "holds"),
    [
        ({"a.b": None}, {"a": 5}, True),
        ({"a.b": None}, {"a": []}, False),
        ({"a.b": None}, {"a": [1, 2]}, False),
        ({"a.b": None}, {"a": [{"b": 1}, {"c": 1}]}, True),
        ({"a.b": {"$exists": False}}, {"a": [1]}, True),
        ({"a.0": 1}, {"a": [[1, 2]]}, False),  # an element picked by index is not searched
        ({"a.0": [1, 2]}, {"a": [[1, 2]]}, True),
        ({"a.0": 1}, {"a": {"0": 1}}, True),
        ({"a.0": 7}, {"a": [{"0": 7}]}, True),
        ({"a.0.b": 5}, {"a": [[{"b": 5}]]}, True),
        ({"a.00": 1}, {"a": [1]}, False),
        ({"a.-1": 1}, {"a": [1]}, False),
        ({"a.9999999999999999999999": 1}, {"a": [1]}, False),
        ({"a.b.c": 1}, {"a": [{"b": [{"c": 2}, {"c": 1}]}]}, True),
        ({"a.b": 1}, {"a": [[{"b": 1}]]}, False),
        ({"at.year": None}, {"at": NOON}, True),  # a date has no fields
        ({"at.year": None}, {"at": [NOON]}, False),
        ({"": 1}, {"": 1}, True),
    ],
)
def test_a_path_goes_through_arrays_as_in_mongodb(where: Any, document: Any, holds: bool) -> None:
    assert matches(where, document) is holds


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"$gt": 1, "$lt": 3}, [0, 2], True),
        ({"$gt": 1, "$lt": 3}, [0, 9], False),
        ({"$gt": 1}, [[2]], False),
        ({"$gt": 1}, 2, False),
        ({"$eq": [2]}, [[2]], True),
        ({"$not": {"$gt": 1}}, [2, "x"], True),
        ({"$in": [2, None]}, [None], True),
        ({"$elemMatch": {"$gt": 1}}, [[0], [2]], True),
        ({"$size": 1}, [[0, 1], [2]], True),
        ({"$all": [1, 2]}, [1, 2], False),
        ({"$regex": "^a"}, ["ba", "ab"], True),
        ({}, [1, "x"], False),
        ({}, [{}], True),
        ({"$or": [{"k": 1}, {"k": 2}]}, [{"k": 2}], True),
        ({"k": {"$ne": 1}}, [{"k": 1}, {}], True),
        ({"0": 1}, [[1]], True),
        ({"k": None}, [1], False),
    ],
)
def test_elem_match_wants_one_element_to_meet_every_condition(condition: Any, value: Any, holds: bool) -> None:
    assert matches({"v": {"$elemMatch": condition}}, {"v": value}) is holds


@pytest.mark.parametrize(
    ("operand", "values", "holds"),
    [
        ("int", [1, -(2**31)], True),
        ("int", [2**31, 1.0, True], False),
        (18, [2**31], True),
        ("double", [1.0, NAN], True),
        (1.0, [0.5], True),
        ("decimal", [Decimal(1)], True),
        ("number", [1, 2**40, 1.5, Decimal(1), [0]], True),
        ("number", [True, "1", None, []], False),
        (["string", 10], ["a", None, ["a"]], True),
        ("bool", [True, [False]], True),
        ("date", [NOON, datetime(2026, 1, 1, tzinfo=UTC)], True),
        ("object", [NOON, regex("a"), [], "x"], False),
        ("object", [{}, {"$date": "no date"}, {"$date": 1}], True),
        ("regex", [regex("a")], True),
        ("objectId", ["507f1f77bcf86cd799439011"], False),
    ],
)
def test_type_names_the_bson_type_of_a_value_or_an_element(operand: Any, values: list[Any], holds: bool) -> None:
    predicate = compile_filter({"v": {"$type": operand}})
    assert [predicate({"v": value}) for value in values] == [holds] * len(values)
    assert not predicate({})


@pytest.mark.parametrize(
    ("operand", "value", "holds"),
    [
        ([4, 0], 8.9, True),  # fractions are cut off
        ([4.7, 0.9], 8, True),
        ([2, -1], -5, True),
        ([2, 1], -5, False),
        ([-3, 1], 7, True),
        ([2, 0], "4", False),
        ([1, 0], True, False),
        ([1, 0], NAN, False),
        ([1, 0], float("inf"), False),
        ([1, 0], 1e300, False),
        ([2, 1], [2, 3], True),
    ],
)
def test_modulo_works_on_whole_numbers_and_keeps_the_dividends_sign(operand: Any, value: Any, holds: bool) -> None:
    assert matches({"v": {"$mod": operand}}, {"v": value}) is holds


@pytest.mark.parametrize(
    ("operand", "present", "absent"),
    [(True, True, False), (1, True, False), ("", True, False), (0, False, True), (None, False, True)],
)
def test_exists_takes_any_value_for_yes_or_no(operand: Any, present: bool, absent: bool) -> None:
    predicate = compile_filter({"v": {"$exists": operand}})
    assert (predicate({"v": None}), predicate({})) == (present, absent)


def test_size_counts_the_array_itself() -> None:
    assert matches({"v": {"$size": 2.0}}, {"v": [1, 2]})
    assert not matches({"v": {"$size": 2}}, {"v": [[1, 2]]})
    assert matches({"v.k": {"$size": 2}}, {"v": [{"k": []}, {"k": [1, 2]}]})


def test_equality_with_a_regular_expression_is_not_matching() -> None:
    assert not matches({"v": {"$eq": regex("a")}}, {"v": "a"})
    assert matches({"v": {"$eq": regex("a", "mi")}}, {"v": regex("a", "im")})
    assert matches({"v": regex("a")}, {"v": regex("a")})


def test_comments_change_nothing() -> None:
    assert matches({"$comment": "who", "v": {"$comment": "why", "$gt": 1}}, {"v": 2})
    assert not matches({"$comment": "who", "v": {"$comment": "why", "$gt": 1}}, {"v": 1})


def test_fields_can_be_relocated_but_not_those_of_an_elements_filter() -> None:
    where = {"$or": [{"seen": {"$elemMatch": {"at": 1}}}]}
    predicate = compile_filter(where, locate=lambda field: f"inner.{field}")
    assert predicate({"inner": {"seen": [{"at": 1}]}})
    assert not predicate({"seen": [{"at": 1}]})
