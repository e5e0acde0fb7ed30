"""Compiles a filter to a predicate: logical operators, fields, and the operators that hold other conditions."""

from collections.abc import Callable, Mapping
from typing import Any

from clarion.domain.filters.comparison import equals, never
from clarion.domain.filters.literals import checked_literal, checked_operand, is_operator_document
from clarion.domain.filters.operators import ARRAY_TESTS, NEGATED_TESTS, VALUE_TESTS, regex_test
from clarion.domain.filters.paths import Binding, bind_to_path, bind_to_value
from clarion.domain.filters.patterns import pattern_test
from clarion.domain.filters.place import MAX_PATH_PARTS, Place
from clarion.domain.filters.values import ARRAY, MISSING, Test, is_document, is_number, regex_literal

_LOGICAL = frozenset({"$and", "$or", "$nor"})
_Condition = Callable[[Any], bool]
_Locate = Callable[[str], str]
Predicate = Callable[[Mapping[str, Any]], bool]


def compile_filter(where: Any, *, locate: _Locate = str) -> Predicate:
    """Compile a Mongo-style filter such as ``{"age": {"$gte": 18}, "tags": "vip"}`` once, to call per document.

    The predicate takes a JSON document (``values`` says which shapes count as dates) and raises for none.
    ``locate`` maps each field path of the filter, outside ``$elemMatch``, to its path in the document.
    Raises ``FilterRejected``, naming the place, for whatever the language does not allow.
    """
    return _query(where, Place(), locate)


def _query(where: Any, place: Place, locate: _Locate) -> Predicate:
    if not isinstance(where, dict):
        raise place.refuse("a filter is an object")
    conditions: list[_Condition] = []
    for key, operand in where.items():
        here = place.at(key)
        if key in _LOGICAL:
            conditions.append(_logical(key, operand, here, locate))
        elif key == "$comment":
            checked_literal(operand, here)
        elif key.startswith("$"):
            raise here.refuse(f"unknown or unsupported operator {key!r}")
        else:
            conditions.append(_field(operand, here, bind_to_path(_checked_path(locate(key), here))))
    return _all_of(conditions)


def _checked_path(path: str, place: Place) -> str:
    if path.count(".") >= MAX_PATH_PARTS:
        raise place.refuse(f"a field's path has at most {MAX_PATH_PARTS} parts")
    if any(part.startswith("$") for part in path.split(".")):
        raise place.refuse("no part of a field's path can start with $")
    return path


def _logical(operator: str, operand: Any, place: Place, locate: _Locate) -> _Condition:
    if not isinstance(operand, ARRAY) or not operand:
        raise place.refuse("needs an array of at least one filter")
    conditions = [_query(each, place.item(index), locate) for index, each in enumerate(operand)]
    if operator == "$and":
        return _all_of(conditions)
    return _any_of(conditions) if operator == "$or" else _negated(_any_of(conditions))


def _field(operand: Any, place: Place, bind: Binding) -> _Condition:
    if is_operator_document(operand):
        return _operators(operand, place, bind)
    if (regex := regex_literal(operand)) is not None:
        return bind(pattern_test(*regex, place))
    return bind(equals(checked_literal(operand, place)))


def _operators(expression: dict[str, Any], place: Place, bind: Binding) -> _Condition:
    """All conditions of an operator document such as ``{"$gte": 1, "$lt": 5}``."""
    conditions: list[_Condition] = []
    for key, operand in expression.items():
        here = place.at(key)
        if key in VALUE_TESTS:
            conditions.append(bind(VALUE_TESTS[key](operand, here)))
        elif key in NEGATED_TESTS:
            conditions.append(_negated(bind(NEGATED_TESTS[key](operand, here))))
        elif key in ARRAY_TESTS:
            conditions.append(bind(ARRAY_TESTS[key](operand, here), spread=False))
        elif key in _HOLDERS:
            conditions.append(_HOLDERS[key](operand, here, bind))
        elif key == "$regex":
            conditions.append(bind(regex_test(operand, expression.get("$options"), here)))
        elif key == "$comment":
            checked_literal(operand, here)
        elif key == "$options":
            if "$regex" not in expression:
                raise here.refuse("$options needs a $regex beside it")
            if not isinstance(operand, str):
                raise here.refuse("$options needs a string")
        elif key.startswith("$"):
            raise here.refuse(f"unknown or unsupported operator {key!r}")
        else:
            raise here.refuse("operators and fields cannot be mixed in one object")
    return _all_of(conditions)


def _exists(operand: Any, place: Place, bind: Binding) -> _Condition:
    checked_operand(operand, place)
    wanted = operand is not None and operand is not False and not (is_number(operand) and operand == 0)
    present = bind(lambda value: value is not MISSING)
    return present if wanted else _negated(present)


def _not(operand: Any, place: Place, bind: Binding) -> _Condition:
    if (regex := regex_literal(operand)) is not None:
        return _negated(bind(pattern_test(*regex, place)))
    if not isinstance(operand, dict) or not operand:
        raise place.refuse("needs a regular expression or an object of operators")
    return _negated(_operators(operand, place, bind))


def _all(operand: Any, place: Place, bind: Binding) -> _Condition:
    if not isinstance(operand, ARRAY):
        raise place.refuse("needs an array")
    if not operand:
        return never
    element_matches = [isinstance(item, dict) and "$elemMatch" in item for item in operand]
    if any(element_matches) and not all(element_matches):
        raise place.refuse("$elemMatch cannot be mixed with values")
    return _all_of([_all_item(item, place.item(index), bind) for index, item in enumerate(operand)])


def _all_item(item: Any, place: Place, bind: Binding) -> _Condition:
    if isinstance(item, dict) and "$elemMatch" in item:
        if len(item) > 1:
            raise place.refuse("$elemMatch stands alone here")
        return _elem_match(item["$elemMatch"], place.at("$elemMatch"), bind)
    if (regex := regex_literal(item)) is not None:
        return bind(pattern_test(*regex, place))
    return bind(equals(checked_operand(item, place)))


def _elem_match(operand: Any, place: Place, bind: Binding) -> _Condition:
    if not isinstance(operand, dict):
        raise place.refuse("needs an object")
    first = next((key for key in operand if key != "$comment"), "")
    if str(first).startswith("$") and first not in _LOGICAL:
        matches: Test = _operators(operand, place, bind_to_value)
    else:
        matches = _document_test(_query(operand, place, str))
    return bind(lambda value: isinstance(value, ARRAY) and any(map(matches, value)), spread=False)


def _document_test(query: Predicate) -> Test:
    """Applies a filter to an array's element; one that is itself an array has its indexes for field names."""

    def test(element: Any) -> bool:
        if isinstance(element, ARRAY):
            return query({str(index): inner for index, inner in enumerate(element)})
        return is_document(element) and query(element)

    return test


_HOLDERS: dict[str, Callable[[Any, Place, Binding], _Condition]] = {
    "$exists": _exists,
    "$not": _not,
    "$all": _all,
    "$elemMatch": _elem_match,
}


def _negated(condition: _Condition) -> _Condition:
    return lambda document: not condition(document)


def _all_of(conditions: list[_Condition]) -> Predicate:
    if len(conditions) == 1:
        return conditions[0]
    if len(conditions) == 2:
        first, second = conditions
        return lambda document: first(document) and second(document)
    return lambda document: all(condition(document) for condition in conditions)


def _any_of(conditions: list[_Condition]) -> _Condition:
    return lambda document: any(condition(document) for condition in conditions)
