"""Dotted paths through documents, with MongoDB's rules for arrays on the way.

A path finds values, and a condition holds when one of them passes its test:

- an array in the middle is searched element by element (documents only), and a numeric part also picks by index;
- an array at the end counts as each of its elements and as a whole, unless an index picked it;
- where nothing is, the path finds MISSING; an array without matching elements finds nothing at all.

Source of the finer points: MongoDB's ``src/mongo/db/matcher/path.cpp`` and ``path_test.cpp``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from clarion.domain.filters.values import ARRAY, MISSING, Test, is_document


class Binding(Protocol):
    """Applies a test to what is found somewhere; ``spread`` also tries each element of an array found there."""

    def __call__(self, test: Test, *, spread: bool = True) -> Callable[[Any], bool]: ...


def bind_to_value(test: Test, *, spread: bool = True) -> Callable[[Any], bool]:  # noqa: ARG001
    """The binding of an array element, which is tested as it is."""
    return test


def bind_to_path(path: str) -> Binding:
    """The binding of a dotted path, looked up from the document the condition is given."""
    name, *rest = path.split(".")
    parts = (name, *rest)

    def bind_name(test: Test, *, spread: bool = True) -> Callable[[Any], bool]:
        def holds(document: Mapping[str, Any]) -> bool:
            value = document.get(name, MISSING)
            return _at_end(value, test, spread) if isinstance(value, ARRAY) else test(value)

        return holds

    def bind_parts(test: Test, *, spread: bool = True) -> Callable[[Any], bool]:
        return lambda document: _in_document(document, parts, 0, test, spread)

    return bind_parts if rest else bind_name


def _at_end(array: Sequence[Any], test: Test, spread: bool) -> bool:
    return (spread and any(map(test, array))) or test(array)


def _in_document(document: Mapping[str, Any], parts: tuple[str, ...], start: int, test: Test, spread: bool) -> bool:
    last = len(parts) - 1
    for index in range(start, last + 1):
        value = document.get(parts[index], MISSING)
        if isinstance(value, ARRAY):
            if index == last:
                return _at_end(value, test, spread)
            return _in_array(value, parts, index + 1, test, spread)
        if index == last:
            return test(value)
        if not is_document(value):
            break
        document = value
    return test(MISSING)


def _in_array(array: Sequence[Any], parts: tuple[str, ...], start: int, test: Test, spread: bool) -> bool:
    for element in array:
        if is_document(element) and _in_document(element, parts, start, test, spread):
            return True
    picked = pick(array, parts[start])
    if start + 1 == len(parts):
        return picked is not MISSING and test(picked)
    if isinstance(picked, ARRAY):
        return _in_array(picked, parts, start + 1, test, spread)
    return is_document(picked) and _in_document(picked, parts, start + 1, test, spread)


def pick(array: Sequence[Any], part: str) -> Any:
    """The element a path part such as ``"0"`` picks, or MISSING; ``"00"`` and ``"-1"`` are no indexes."""
    if not (part.isascii() and part.isdigit()) or len(part) > 9 or (part[0] == "0" and part != "0"):
        return MISSING
    index = int(part)
    return array[index] if index < len(array) else MISSING
