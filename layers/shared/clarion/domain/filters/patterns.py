"""Regular expressions of filters, matched by RE2: time linear in the text, whatever the expression.

RE2 has no look-around. Look-aheads at the start of an anchored expression (``^(?!test)(?=.*@).+``) are the ones
people write, and they are independent conditions on the same text, so each is matched on its own.
"""

from collections.abc import Callable, Iterator
from typing import Any

from clarion.domain.filters.place import MAX_REGEX_LENGTH, Place
from clarion.domain.filters.values import Test, regex_literal

_FLAGS = "imsx"
_HARMLESS = "gu"  # JavaScript's "global" and "unicode" change nothing when one only asks whether a text matches
_MAX_MEMORY = 1 << 20  # bytes per expression; RE2 refuses one whose program needs more


def pattern_test(pattern: str, options: str, place: Place) -> Test:
    """A test for a text the expression is found in, or for a stored expression equal to it.

    Options: ``i`` case-insensitive, ``m`` ``^`` and ``$`` at every line, ``s`` ``.`` matches a newline too,
    ``x`` blanks and ``#`` comments in the expression are ignored.
    Raises ``FilterRejected`` for an unknown option and an expression that is too long, invalid or unsupported.
    """
    unknown = set(options) - set(_FLAGS + _HARMLESS)
    if unknown:
        raise place.refuse(f"unknown regular expression option {min(unknown)!r}; known are i, m, s, x")
    if len(pattern) > MAX_REGEX_LENGTH:
        raise place.refuse(f"a regular expression has at most {MAX_REGEX_LENGTH} characters")
    found = _searcher(pattern, options, place)
    stored = pattern, "".join(sorted(options))

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return found(value.encode("utf-8", "surrogatepass"))
        return regex_literal(value) == stored

    return test


def _searcher(pattern: str, options: str, place: Place) -> Callable[[bytes], bool]:
    if "x" in options:
        pattern = _without_blanks(pattern)
    flags = "".join(flag for flag in "ims" if flag in options)
    prefix = f"(?{flags})" if flags else ""
    look_aheads, rest = ([], pattern) if "m" in options else _leading_look_aheads(pattern)
    if not look_aheads:
        return _search(prefix + pattern, place)
    conditions = [(_search(f"{prefix}^(?:{body})", place), wanted) for body, wanted in look_aheads]
    conditions.append((_search(f"{prefix}^(?:{rest})", place), True))
    return lambda text: all(search(text) is wanted for search, wanted in conditions)


def _search(pattern: str, place: Place) -> Callable[[bytes], bool]:
    import re2  # type: ignore[import-untyped]  # loads in 13 ms, which only filters with an expression pay

    place.count_regex()
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MAX_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except UnicodeEncodeError:
        raise place.refuse("the regular expression is not valid Unicode") from None
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "invalid"
        raise place.refuse(f"invalid or unsupported regular expression: {reason}") from None
    return lambda text: compiled.search(text) is not None


def _structure(pattern: str) -> Iterator[tuple[int, str]]:
    """The characters that have a meaning of their own, with their index: no escapes, nothing inside ``[…]``."""
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 2
        elif character == "[":
            index = _class_end(pattern, index)
        else:
            yield index, character
            index += 1


def _class_end(pattern: str, start: int) -> int:
    """The index after the ``]`` that closes the character class opened at ``start``."""
    index = start + 2 if pattern.startswith("[^", start) else start + 1
    if pattern.startswith("]", index):  # the first one stands for itself
        index += 1
    while index < len(pattern) and pattern[index] != "]":
        if pattern[index] == "\\":
            index += 2
        elif pattern.startswith("[:", index) and (end := pattern.find(":]", index)) > 0:
            index = end + 2
        else:
            index += 1
    return index + 1


def _without_blanks(pattern: str) -> str:
    """The expression without what option ``x`` lets people write for the reader's eye."""
    dropped: set[int] = set()
    for index, character in _structure(pattern):
        if character.isspace():
            dropped.add(index)
        elif character == "#" and index not in dropped:
            end = pattern.find("\n", index)
            dropped.update(range(index, len(pattern) if end < 0 else end + 1))
    return "".join(character for index, character in enumerate(pattern) if index not in dropped)


def _leading_look_aheads(pattern: str) -> tuple[list[tuple[str, bool]], str]:
    """``^(?=a)(?!b)c`` as ``[("a", True), ("b", False)], "c"``; no look-aheads where they cannot be split off."""
    look_aheads: list[tuple[str, bool]] = []
    rest = pattern.removeprefix("^")
    if rest == pattern:
        return [], pattern
    while rest.startswith(("(?=", "(?!")):
        end = _group_end(rest)
        if end is None:
            return [], pattern
        look_aheads.append((rest[3:end], rest[2] == "="))
        rest = rest[end + 1 :]
    return ([], pattern) if _splits_at_top(rest) else (look_aheads, rest)


def _group_end(pattern: str) -> int | None:
    """The index of the parenthesis that closes the one at index 0."""
    depth = 0
    for index, character in _structure(pattern):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index
    return None


def _splits_at_top(pattern: str) -> bool:
    """Whether an alternative (or a stray parenthesis) reaches out of the expression's own level."""
    depth = 0
    for _, character in _structure(pattern):
        depth += (character == "(") - (character == ")")
        if depth < 0 or (depth == 0 and character == "|"):
            return True
    return False
