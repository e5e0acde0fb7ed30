"""Tests of one value against a literal: equality and the four orderings, specialised by the literal's type.

``true`` is not 1; ``null`` equals a missing field; NaN equals NaN and is otherwise never less, equal or greater.
"""

from collections.abc import Callable
from typing import Any

from clarion.domain.filters.values import (
    MISSING,
    NUMBER_TYPES,
    Test,
    bson_type,
    compare,
    is_nan,
    is_number,
    milliseconds,
    type_order,
)

_NATIVE_NUMBERS = frozenset({int, float})

Relation = Callable[[Any, Any], bool]  # operator.gt, ge, lt or le


def never(_: Any) -> bool:
    return False


def equals(literal: Any) -> Test:
    """A test for a value equal to the literal by BSON's rules; arrays and objects are compared whole."""
    kind = bson_type(literal)
    if kind == "null":
        return lambda value: value is None or value is MISSING
    if kind == "string":
        return lambda value: bool(value == literal)
    if kind == "bool":
        return lambda value: value is literal
    if kind in NUMBER_TYPES and not is_nan(literal):
        return lambda value: is_number(value) and not is_nan(value) and value == literal
    return lambda value: compare(value, literal) == 0


def ordering(literal: Any, relation: Relation) -> Test:
    """A test for a value of the literal's type that stands in ``relation`` to it."""
    kind = bson_type(literal)
    if kind == "null" or (kind in NUMBER_TYPES and is_nan(literal)):
        return equals(literal) if relation(0, 0) else never
    if kind in NUMBER_TYPES:
        return _number_ordering(literal, relation)
    if kind == "string":
        return lambda value: isinstance(value, str) and relation(value, literal)
    if kind == "bool":
        return lambda value: isinstance(value, bool) and relation(value, literal)
    if kind == "date":
        limit = milliseconds(literal)
        return lambda value: (moment := milliseconds(value)) is not None and relation(moment, limit)
    bracket = type_order(literal)
    return lambda value: type_order(value) == bracket and relation(compare(value, literal), 0)


def _number_ordering(literal: Any, relation: Relation) -> Test:
    def test(value: Any) -> bool:
        if type(value) in _NATIVE_NUMBERS:  # the usual case; a float NaN stands in no relation
            return relation(value, literal)
        return is_number(value) and not is_nan(value) and relation(value, literal)

    return test


def one_of(literals: list[Any], patterns: list[Test]) -> Test:
    """A test for a value equal to any literal or matched by any pattern; texts and numbers cost one look-up."""
    texts = frozenset(each for each in literals if isinstance(each, str))
    numbers = frozenset(each for each in literals if is_number(each) and not is_nan(each))
    others = [equals(each) for each in literals if not isinstance(each, str) and (not is_number(each) or is_nan(each))]

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return value in texts or any(pattern(value) for pattern in patterns)
        if is_number(value) and not is_nan(value):
            return value in numbers
        return any(other(value) for other in others) or any(pattern(value) for pattern in patterns)

    return test
