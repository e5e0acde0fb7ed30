"""The operators that test one value, each compiled from its operand: ``(operand, place) -> test``."""

import operator
from collections.abc import Callable
from typing import Any

from clarion.domain.filters.comparison import Relation, equals, one_of, ordering
from clarion.domain.filters.literals import checked_operand
from clarion.domain.filters.patterns import pattern_test
from clarion.domain.filters.place import Place
from clarion.domain.filters.values import ARRAY, NUMBER_TYPES, Test, bson_type, is_nan, is_number, regex_literal

_TYPE_CODES = {
    -1: "minKey",
    1: "double",
    2: "string",
    3: "object",
    4: "array",
    5: "binData",
    6: "undefined",
    7: "objectId",
    8: "bool",
    9: "date",
    10: "null",
    11: "regex",
    12: "dbPointer",
    13: "javascript",
    14: "symbol",
    15: "javascriptWithScope",
    16: "int",
    17: "timestamp",
    18: "long",
    19: "decimal",
    127: "maxKey",
}
_TYPE_ALIASES = frozenset(_TYPE_CODES.values())
_INT64 = 2**63


def equality_test(operand: Any, place: Place) -> Test:
    return equals(checked_operand(operand, place))


def inequality_test(operand: Any, place: Place) -> Test:
    """The test ``$ne`` negates."""
    if regex_literal(operand) is not None:
        raise place.refuse("$ne takes no regular expression; use $not")
    return equality_test(operand, place)


def _ordering_operator(relation: Relation) -> Callable[[Any, Place], Test]:
    def compiled(operand: Any, place: Place) -> Test:
        if regex_literal(operand) is not None:
            raise place.refuse("a regular expression has no order")
        return ordering(checked_operand(operand, place), relation)

    return compiled


def membership_test(operand: Any, place: Place) -> Test:
    """``$in``: values, and regular expressions that texts may match."""
    if not isinstance(operand, ARRAY):
        raise place.refuse("needs an array")
    literals: list[Any] = []
    patterns: list[Test] = []
    for index, item in enumerate(operand):
        here = place.item(index)
        if (regex := regex_literal(item)) is not None:
            patterns.append(pattern_test(*regex, here))
        else:
            literals.append(checked_operand(item, here))
    return one_of(literals, patterns)


def regex_test(operand: Any, options: Any, place: Place) -> Test:
    """``$regex`` with its ``$options`` (None where there are none)."""
    literal = regex_literal(operand)
    if not isinstance(operand, str) and literal is None:
        raise place.refuse("needs a string")
    if options is not None and not isinstance(options, str):
        raise place.refuse("$options needs a string")
    if literal is None:
        return pattern_test(operand, options or "", place)
    if options and literal[1]:
        raise place.refuse("options are given twice, in $regex and in $options")
    return pattern_test(literal[0], options or literal[1], place)


def _size_test(operand: Any, place: Place) -> Test:
    size = _whole_number(operand)
    if size is None or size < 0:
        raise place.refuse("needs a whole number of at least 0")
    return lambda value: isinstance(value, ARRAY) and len(value) == size


def _modulo_test(operand: Any, place: Place) -> Test:
    if not isinstance(operand, ARRAY) or len(operand) != 2:
        raise place.refuse("needs an array of two numbers, divisor and remainder")
    if not all(_fits_int64(number) for number in operand):
        raise place.refuse("needs two finite numbers, divisor and remainder")
    divisor, wanted = int(operand[0]), int(operand[1])
    if divisor == 0:
        raise place.refuse("the divisor cannot be 0")

    def test(value: Any) -> bool:
        if not _fits_int64(value):
            return False
        dividend = int(value)
        remainder = abs(dividend) % abs(divisor)  # which takes the dividend's sign, as in C
        return (remainder if dividend >= 0 else -remainder) == wanted

    return test


def _type_test(operand: Any, place: Place) -> Test:
    if isinstance(operand, ARRAY):
        if not operand:
            raise place.refuse("needs at least one type")
        wanted = {_type_alias(item, place.item(index)) for index, item in enumerate(operand)}
    else:
        wanted = {_type_alias(operand, place)}
    types = frozenset(wanted | NUMBER_TYPES if "number" in wanted else wanted)
    return lambda value: bson_type(value) in types


def _type_alias(operand: Any, place: Place) -> str:
    if isinstance(operand, str):
        if operand == "number" or operand in _TYPE_ALIASES:
            return operand
        raise place.refuse(f"unknown type {operand!r}")
    code = _whole_number(operand)
    if code is None or code not in _TYPE_CODES:
        raise place.refuse("needs a type's name or number, or an array of them")
    return _TYPE_CODES[code]


def _whole_number(value: Any) -> int | None:
    return int(value) if _fits_int64(value) and value == int(value) else None


def _fits_int64(value: Any) -> bool:
    if not is_number(value) or is_nan(value):
        return False
    return bool(-_INT64 <= value < _INT64)


# Tests of each value found at a path, and of each element of an array found there.
VALUE_TESTS: dict[str, Callable[[Any, Place], Test]] = {
    "$eq": equality_test,
    "$gt": _ordering_operator(operator.gt),
    "$gte": _ordering_operator(operator.ge),
    "$lt": _ordering_operator(operator.lt),
    "$lte": _ordering_operator(operator.le),
    "$in": membership_test,
    "$mod": _modulo_test,
    "$type": _type_test,
}
# The same, negated: they hold where no value found passes the test.
NEGATED_TESTS: dict[str, Callable[[Any, Place], Test]] = {"$ne": inequality_test, "$nin": membership_test}
# Tests of an array as a whole.
ARRAY_TESTS: dict[str, Callable[[Any, Place], Test]] = {"$size": _size_test}
