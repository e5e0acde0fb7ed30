"""The values a filter meets, seen as BSON: their types, and MongoDB's order within and across types.

Documents are JSON (``dict``, ``list`` or ``tuple``, ``str``, ``int``, ``float``, ``Decimal``, ``bool``,
``None``), ``datetime``, and two shapes of MongoDB's Extended JSON: ``{"$date": "<ISO 8601>"}`` and
``{"$regularExpression": {"pattern": …, "options": …}}``. Dates count in whole milliseconds, as BSON does; one
without a time zone is UTC. Source: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

Test = Callable[[Any], bool]  # looks at one value found at a path, MISSING included

MISSING: Final = object()  # what a path finds where nothing is
ARRAY = (list, tuple)
_NUMBERS = (int, float, Decimal)
NUMBER_TYPES = frozenset({"int", "long", "double", "decimal"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_INT_RANGE = 2**31
_ORDER = {
    "missing": 0,
    "null": 0,
    **dict.fromkeys(NUMBER_TYPES, 1),
    "string": 2,
    "object": 3,
    "array": 4,
    "bool": 5,
    "date": 6,
    "regex": 7,
    "unknown": 8,
}


def bson_type(value: Any) -> str:
    """MongoDB's alias of the value's type, or ``missing``, or ``unknown`` for what has no place in a document."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if -_INT_RANGE <= value < _INT_RANGE else "long"
    if isinstance(value, float):
        return "double"
    if value is None:
        return "null"
    if isinstance(value, dict):
        if is_document(value):
            return "object"
        return "regex" if milliseconds(value) is None else "date"
    if isinstance(value, ARRAY):
        return "array"
    if isinstance(value, datetime):
        return "date"
    if isinstance(value, Decimal):
        return "decimal"
    return "missing" if value is MISSING else "unknown"


def type_order(value: Any) -> int:
    """The bracket of the value's type: only values of one bracket are compared by ``$gt`` and the like."""
    return _ORDER[bson_type(value)]


def is_document(value: Any) -> bool:
    """Whether the value is an object with fields, not one of the two shapes that stand for another type."""
    if not isinstance(value, dict):
        return False
    return len(value) != 1 or (milliseconds(value) is None and regex_literal(value) is None)


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def is_nan(number: Any) -> bool:
    return number.is_nan() if isinstance(number, Decimal) else bool(number != number)


def milliseconds(value: Any) -> int | None:
    """A ``datetime`` or ``{"$date": …}`` as milliseconds since 1970, or None for anything else."""
    if isinstance(value, dict) and len(value) == 1:
        text = value.get("$date")
        if not isinstance(text, str):
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    moment = value if value.utcoffset() is not None else value.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


def regex_literal(value: Any) -> tuple[str, str] | None:
    """``(pattern, options)`` of a ``{"$regularExpression": …}``, options in alphabetical order, else None."""
    inner = value.get("$regularExpression") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(inner, dict) or not inner.keys() <= {"pattern", "options"}:
        return None
    pattern, options = inner.get("pattern"), inner.get("options", "")
    if not isinstance(pattern, str) or not isinstance(options, str):
        return None
    return pattern, "".join(sorted(options))


def compare(left: Any, right: Any) -> int:
    """Negative, zero or positive as ``left`` sorts before, with or after ``right`` in MongoDB's order.

    Goes no deeper than the shallower of the two, and stops at their first difference.
    """
    left_type, right_type = bson_type(left), bson_type(right)
    if _ORDER[left_type] != _ORDER[right_type]:
        return _ORDER[left_type] - _ORDER[right_type]
    if left_type in NUMBER_TYPES:
        return _compare_numbers(left, right)
    if left_type == "object":
        return _compare_objects(left, right)
    if left_type == "array":
        return _compare_arrays(left, right)
    if left_type == "date":
        left, right = milliseconds(left), milliseconds(right)
    elif left_type == "regex":
        left, right = regex_literal(left), regex_literal(right)
    elif left_type in ("null", "missing"):
        return 0
    elif left_type == "unknown":
        return 0 if left is right else -1
    return _sign(left, right)


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _compare_numbers(left: Any, right: Any) -> int:
    if is_nan(left) or is_nan(right):  # NaN equals itself and sorts before every other number
        return is_nan(right) - is_nan(left)
    return _sign(left, right)


def _compare_objects(left: dict[str, Any], right: dict[str, Any]) -> int:
    for (left_key, left_value), (right_key, right_value) in zip(left.items(), right.items(), strict=False):
        if difference := type_order(left_value) - type_order(right_value):
            return difference
        if left_key != right_key:
            return 1 if str(left_key) > str(right_key) else -1
        if difference := compare(left_value, right_value):
            return difference
    return len(left) - len(right)


def _compare_arrays(left: Sequence[Any], right: Sequence[Any]) -> int:
    for left_value, right_value in zip(left, right, strict=False):
        if difference := compare(left_value, right_value):
            return difference
    return len(left) - len(right)
