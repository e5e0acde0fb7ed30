"""The values a filter may compare with, checked when the filter is compiled."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from clarion.domain.filters.place import Place
from clarion.domain.filters.values import milliseconds, regex_literal

_SCALARS = (str, bool, int, float, Decimal, datetime, type(None))


def checked_literal(value: Any, place: Place) -> Any:
    """The value itself, when it can stand in a document.

    Raises ``FilterRejected`` for a malformed ``$date`` or ``$regularExpression`` and for what is no JSON.
    """
    if isinstance(value, dict):
        if "$date" in value and milliseconds(value) is None:
            raise place.refuse('a date is {"$date": "<ISO 8601>"}, such as "2026-01-31T09:00:00Z"')
        if "$regularExpression" in value and regex_literal(value) is None:
            raise place.refuse('a regular expression is {"$regularExpression": {"pattern": …, "options": …}}')
        for key, inner in value.items():
            checked_literal(inner, place.at(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            checked_literal(inner, place.item(index))
    elif not isinstance(value, _SCALARS):
        raise place.refuse(f"a filter holds JSON values, not {type(value).__name__}")
    return value


def checked_operand(value: Any, place: Place) -> Any:
    """As ``checked_literal``, and no operator document: ``{"$ne": {"$gt": 1}}`` is a slip, not a comparison."""
    if is_operator_document(value):
        operator = next(key for key in value if str(key).startswith("$"))
        raise place.at(operator).refuse("no operator can stand here, only a value")
    return checked_literal(value, place)


def is_operator_document(value: Any) -> bool:
    """Whether an object is a set of operators (``{"$gt": 1}``) and not a value to compare with."""
    if not isinstance(value, dict) or milliseconds(value) is not None or regex_literal(value) is not None:
        return False
    return any(isinstance(key, str) and key.startswith("$") for key in value) and not (
        len(value) == 1 and value.keys() <= {"$date", "$regularExpression"}
    )
